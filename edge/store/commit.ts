/**
 * One commit: labelled guards and writes. This file also recognizes a commit that was repeated.
 *
 * A transport may repeat a transaction whose reply was lost. The second run then finds the
 * writes of the first one, and a guard refuses although everything is committed. The first
 * guard of a commit must therefore be about a record that the commit writes: if that guard
 * refuses and found exactly what this commit writes, the commit has succeeded. Only this file
 * applies that rule.
 *
 * @module
 */

import {
  type Check,
  type Home,
  type Homed,
  isSameRef,
  type Ref,
  type Store,
  type Write,
} from "./store.ts";

/** A check with a label, by which a refusal is recognized. */
export type Guard<Label extends string, H extends Home = Home> =
  & Check
  & Homed<H>
  & { readonly label: Label };

/** The guard that always refuses, at its position among the others. */
export const never = <L extends string>(label: L): Guard<L, never> => (
  { kind: "never", label }
);

/** A commit. */
export interface Commit<Label extends string, H extends Home = Home> {
  /**
   * The first guard must refuse once the commit is written. It demands that a record is unchanged
   * or absent, and the commit writes a value there that no other caller would write. A commit
   * without guards may be written twice.
   */
  readonly guards: readonly Guard<Label, H>[];
  readonly writes: readonly Write<H>[];
  /** Values that are read in the same step. */
  readonly reads?: readonly Ref[];
  /**
   * Whether the value that the first guard found was written by this commit. By default it is
   * compared with the value that the commit writes there. `() => false` is right for a commit
   * that need not recognize its own write.
   */
  readonly mine?: (value: string | null) => boolean;
}

/** The result of a commit. */
export type Committed<Label extends string> =
  | {
    readonly committed: true;
    readonly values: readonly (string | null)[];
  }
  | {
    readonly committed: false;
    /** The label of the first guard that did not hold. */
    readonly refusedBy: Label;
    /** The value that this guard found, or `null`. */
    readonly value: string | null;
    readonly values: readonly (string | null)[];
  };

/** The homes beside each one: `never` if there is one home only. */
export type Others<H, Each = H> = Each extends unknown ? Exclude<H, Each>
  : never;

/**
 * Refuses, by its type, a transaction of records of two homes, which may be in two cells. Of
 * `Home` as a whole the types know nothing; there the store alone refuses it.
 */
export type OneCell<H extends Home> = [Home] extends [H] ? unknown
  : [Others<Exclude<H, "local">>] extends [never] ? unknown
  : "A transaction names records of two cells";

/**
 * Commits.
 *
 * @throws {TypeError} If the first guard is not about a record that the commit writes.
 * @throws {StoreUnavailableError} If it is not known whether the commit was written. The same
 * commit may be made again.
 */
export async function commit<const Label extends string, H extends Home>(
  store: Store,
  plan: Commit<Label, H> & OneCell<H>,
): Promise<Committed<Label>> {
  const { guards, writes, reads = [], mine }: Commit<Label, H> = plan;
  const isMine = mine ?? ownWriting(guards[0], writes);
  const result = await store.txn({ checks: guards, writes, reads });
  const { values } = result;
  if (result.committed) return { committed: true, values };
  const { check, value } = result;
  if (check === 0 && isMine(value)) return { committed: true, values };
  return { committed: false, refusedBy: guards[check]!.label, value, values };
}

/** Commits records of two homes, of which the caller knows that they are in one cell. */
export const commitJoined: <const Label extends string>(
  store: Store,
  plan: Commit<Label>,
) => Promise<Committed<Label>> = commit;

/**
 * Makes the test whether the first guard found the value that these writes
 * leave there.
 */
function ownWriting(
  first: Check | undefined,
  writes: readonly Write[],
): (value: string | null) => boolean {
  if (first === undefined) return () => false;
  const write = "key" in first
    ? writes.findLast((it) => "key" in it && isSameRef(it.key, first.key))
    : undefined;
  if (write?.kind === "set") return (value) => value === write.value;
  if (write?.kind === "delete") return (value) => value === null;
  throw new TypeError("The first guard must be about a record that is written");
}
