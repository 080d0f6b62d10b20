import { assert } from "@std/assert";
import fc from "fast-check";
import type { Permit } from "../../edge/risk/guess_permits.ts";
import type { Store } from "../../edge/store/store.ts";
import { FaultyStore } from "../support/store/faulty_store.ts";
import { keptOpen, ManualClock } from "../support/store/fixture.ts";
import { ModelStore } from "../support/store/model.ts";
import {
  type Edge,
  edgeOn,
  MIDNIGHT_MS,
  MINUTE_MS,
  missAll,
  OWNER,
} from "../support/world/guesses/guess_permits.ts";

const RUNS = 400;
const EDGES = 3;
const LIMITS = { perMinute: 6, perDay: 15 };

/** An edge whose calls of the store stand still while it is stopped. */
class StoppableEdge {
  readonly edge: Edge;
  readonly permits: Extract<Permit, { kind: "permit" }>[] = [];
  #stopped: PromiseWithResolvers<void> | null = null;

  constructor(store: Store, clock: ManualClock, offsetMs: number) {
    const stoppable: Store = {
      ...keptOpen(store),
      read: (request) => this.#whileRunning(() => store.read(request)),
      txn: (transaction) => this.#whileRunning(() => store.txn(transaction)),
    };
    const ofEdge = { nowMs: () => clock.ms + offsetMs };
    this.edge = edgeOn({ store: stoppable, clock: ofEdge }, LIMITS);
  }

  /** The request and its answer both wait for the edge to run again. */
  async #whileRunning<T>(call: () => Promise<T>): Promise<T> {
    await this.#stopped?.promise;
    const result = await call();
    await this.#stopped?.promise;
    return result;
  }

  get isStopped(): boolean {
    return this.#stopped !== null;
  }

  stop(): void {
    this.#stopped ??= Promise.withResolvers();
  }

  wake(): void {
    this.#stopped?.resolve();
    this.#stopped = null;
  }
}

const edgeIndex = fc.nat({ max: EDGES - 1 });
const command = fc.oneof(
  { weight: 6, arbitrary: fc.record({ take: edgeIndex }) },
  {
    weight: 8,
    arbitrary: fc.record({
      release: edgeIndex,
      outcome: fc.constantFrom(
        "hit" as const,
        "miss" as const,
        "miss" as const,
      ),
    }),
  },
  fc.record({ kill: edgeIndex, offsetMs: fc.integer({ min: -2e3, max: 2e3 }) }),
  fc.record({ stop: edgeIndex }),
  fc.record({ wake: edgeIndex }),
  {
    weight: 3,
    arbitrary: fc.record({
      passMs: fc.constantFrom(500, 10_000, MINUTE_MS, 5 * MINUTE_MS),
    }),
  },
  fc.record({ fault: fc.constantFrom("before", "after", "twice" as const) }),
);
type Command = typeof command extends fc.Arbitrary<infer T> ? T : never;

/** Lets everything run on that can. */
async function settle(): Promise<void> {
  for (let i = 0; i < 60; i++) await Promise.resolve();
}

/** How many bad codes were told, in all and at most in one minute of a clock. */
async function toldBy(
  commands: readonly Command[],
  mostOffsetMs: number,
): Promise<{ told: number; mostOfMinute: number }> {
  const clock = new ManualClock(MIDNIGHT_MS + 10 * MINUTE_MS);
  const store = new FaultyStore(new ModelStore(clock));
  const open = (offsetMs: number) =>
    new StoppableEdge(store, clock, offsetMs * mostOffsetMs / 2e3);
  const edges = Array.from({ length: EDGES }, () => open(0));
  const ofMinute = new Map<number, number>();
  let told = 0;
  const count = () => {
    told++;
    const minute = Math.floor(clock.ms / MINUTE_MS);
    ofMinute.set(minute, (ofMinute.get(minute) ?? 0) + 1);
  };
  const run = (it: Command) => {
    if ("passMs" in it) clock.ms += it.passMs;
    else if ("fault" in it) store.plan({ at: 0, mode: it.fault });
    else if ("kill" in it) {
      // What it had under way never ends.
      edges[it.kill]!.stop();
      edges[it.kill] = open(it.offsetMs);
    } else if ("stop" in it) edges[it.stop]!.stop();
    else if ("wake" in it) edges[it.wake]!.wake();
    else if ("take" in it) {
      const one = edges[it.take]!;
      if (one.isStopped) return;
      one.edge.take(OWNER).then((permit) => {
        if (permit.kind === "permit") one.permits.push(permit);
      }, () => {});
    } else {
      const one = edges[it.release]!;
      if (one.isStopped) return;
      one.permits.shift()?.release(it.outcome).then((refusal) => {
        if (refusal === null && it.outcome === "miss") count();
      }, () => {});
    }
  };
  for (const it of commands) {
    run(it);
    await settle();
  }
  store.plan();
  for (const one of edges) {
    one.wake();
    await settle();
  }
  for (let i = 0; i < 4; i++) {
    clock.ms += 5 * MINUTE_MS;
    told += (await missAll(open(0).edge))[0];
  }
  return { told, mostOfMinute: Math.max(0, ...ofMinute.values()) };
}

const commands = fc.array(command, { maxLength: 80, size: "max" });

Deno.test("no more bad codes than the day's limit are told, whichever edges are killed or stopped, whatever their clocks say", async () => {
  await fc.assert(
    fc.asyncProperty(
      commands,
      fc.constantFrom(0, 2e3, 10 * MINUTE_MS),
      async (list, mostOffsetMs) => {
        const { told, mostOfMinute } = await toldBy(list, mostOffsetMs);
        assert(told <= LIMITS.perDay, `${told}`);
        if (mostOffsetMs > 0) return;
        assert(mostOfMinute <= LIMITS.perMinute, `${mostOfMinute} of a minute`);
      },
    ),
    { numRuns: RUNS },
  );
});
