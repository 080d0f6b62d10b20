/**
 * One commit: labelled guards, writes, and how it knows itself again.
 *
 * A transport may repeat a transaction whose reply was lost. The second run then
 * finds what the first one wrote, and a guard refuses although everything is
 * committed. So the first guard of a commit must be about a record that the
 * commit writes: if that guard refuses and found exactly what this commit writes,
 * the commit has succeeded. Only this file knows that rule.
 *
 * @module
 */

import {
  type Check,
  isSameRef,
  type Ref,
  type Store,
  type Write,
} from "./store.ts";

/** A check whose label names what refuses. */
export type Guard<Label extends string> = Check & { readonly label: Label };

/** What is to be committed. */
export interface Commit<Label extends string> {
  /**
   * The first must refuse once the commit is written: a record as it was read,
   * or absent, in whose place the commit writes something that nobody else
   * would. Without guards a commit may be written twice.
   */
  readonly guards: readonly Guard<Label>[];
  readonly writes: readonly Write[];
  /** What to read in the same step. */
  readonly reads?: readonly Ref[];
  /**
   * Whether the value that the first guard found is this commit's. If not
   * given: it is what the commit writes there. A commit that may well be
   * counted twice says `() => false`.
   */
  readonly mine?: (value: string | null) => boolean;
}

/** How a commit ended. */
export type Committed<Label extends string> =
  | {
    readonly committed: true;
    readonly values: readonly (string | null)[];
  }
  | {
    readonly committed: false;
    /** Label of the first guard that did not hold. */
    readonly refusedBy: Label;
    /** What it found; `null`: nothing. */
    readonly value: string | null;
    readonly values: readonly (string | null)[];
  };

/**
 * Commits.
 *
 * @throws {TypeError} If the first guard cannot see the commit's own writing.
 * @throws {StoreUnavailableError} If nobody knows whether it was written. It
 * may be committed again as it is.
 */
export async function commit<const Label extends string>(
  store: Store,
  { guards, writes, reads = [], mine }: Commit<Label>,
): Promise<Committed<Label>> {
  const isMine = mine ?? ownWriting(guards[0], writes);
  const result = await store.txn({ checks: guards, writes, reads });
  const { values } = result;
  if (result.committed) return { committed: true, values };
  const { check, value } = result;
  if (check === 0 && isMine(value)) return { committed: true, values };
  return { committed: false, refusedBy: guards[check]!.label, value, values };
}

/** Tells the value that the writes leave where the first guard looks. */
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
