/**
 * One scenario, again and again, with one fault more each time: at its first
 * message to the store, at its second, until it has no more.
 *
 * @module
 */

import type { FaultRule } from "../../redis/gateway_faults.ts";
import { insist } from "../api.ts";
import type { TestApp } from "../app.ts";
import { startFaultyGateway } from "../../redis/faulty_gateway.ts";
import { type Regions, TOKEN } from "./regions.ts";
import { FaultyLink, type LinkFault } from "./regions_link.ts";

/** How long the edge with faults waits for the store. */
const TIMEOUT_MS = 60;

/** What may happen to a message over TCP. */
const LINK_FAULTS: readonly LinkFault[] = [
  "cut before",
  "cut after",
  "silent before",
  "silent after",
  "late",
];

/** What may happen to a request over REST. */
const REST_FAULTS: readonly FaultRule[] = [
  { kind: "drop" },
  { kind: "drop", executed: true },
  { kind: "status", status: 500 },
  { kind: "html", executed: true },
  { kind: "hang" },
  { kind: "delay", ms: 2 * TIMEOUT_MS, executed: true },
];

/** An edge whose store fails, and one whose store does not. */
export interface Edges extends AsyncDisposable {
  readonly near: TestApp;
  readonly far: TestApp;
  /**
   * Plays without a fault, then with every fault at every step; gives the
   * number of steps.
   */
  play(scenario: Scenario): Promise<number>;
}

/** A scenario; `name` is another one each time, for ids. */
export interface Play {
  readonly name: string;
  /** From here on messages count. */
  begin(): void;
}

/** Plays once, and finds the truth whatever failed. */
export type Scenario = (play: Play) => Promise<void>;

const STEP_MS = 30_000;

/** Starts two edges. */
export async function startEdges(world: Regions): Promise<Edges> {
  await using starting = new AsyncDisposableStack();
  const link = starting.use(new FaultyLink(world.place));
  const isTcp = world.way === "TCP";
  // A fault of a gateway concerns every edge that uses it, so the other edge has its own.
  const other = isTcp ? null : starting.use(
    await startFaultyGateway({ redis: world.redis, token: TOKEN }),
  );
  const near = await world.edge({
    timeoutMs: TIMEOUT_MS,
    ...(isTcp && { through: link }),
  });
  const far = await world.edge(
    other === null ? {} : {
      through: { host: "127.0.0.1", port: Number(new URL(other.url).port) },
    },
  );
  // Both are connected now, so only messages of the scenario count.
  await insist(() => near.api.call("GET", "/readyz"));
  const player = { world, link, plays: 0 };
  const playWith = isTcp ? overTcp : overRest;
  const faults = isTcp ? LINK_FAULTS.length : REST_FAULTS.length;
  const stack = starting.move();
  return {
    near,
    far,
    async play(scenario) {
      await playWith(player, scenario, -1, -1);
      for (let step = 0;; step++) {
        for (let fault = 0; fault < faults; fault++) {
          // If the fault did not happen, the scenario has ended before this step.
          const count = await playWith(player, scenario, step, fault);
          if (count === 0) return step;
        }
      }
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** What plays of scenarios share. */
interface Player {
  readonly world: Regions;
  readonly link: FaultyLink;
  /** How many scenarios were played. */
  plays: number;
}

async function once(
  player: Player,
  scenario: Scenario,
  begin: () => void,
  end: () => void,
): Promise<void> {
  // Nothing is remembered from the play before, not even the comparison of the clocks.
  player.world.clock.advance(1_000 * STEP_MS);
  try {
    await scenario({ name: `${++player.plays}`, begin });
  } finally {
    end();
    await player.link.settled();
  }
}

/** Plays with one fault over TCP; returns how often the fault happened. */
async function overTcp(
  player: Player,
  scenario: Scenario,
  step: number,
  fault: number,
): Promise<number> {
  const { link } = player;
  let count = 0;
  await once(
    player,
    scenario,
    () => link.plan((n) => n === step ? LINK_FAULTS[fault] : undefined),
    () => {
      count = link.faults;
      link.plan();
    },
  );
  return count;
}

/** Plays with one fault over REST; returns how many kinds of faults happened. */
async function overRest(
  player: Player,
  scenario: Scenario,
  step: number,
  fault: number,
): Promise<number> {
  const { gateway } = player.world;
  const rule = REST_FAULTS[fault];
  let count = 0;
  await once(
    player,
    scenario,
    () => gateway.setFaults(rule && [{ ...rule, nth: [step + 1] }]),
    () => {
      count = Object.values(gateway.stats().faults).length;
      gateway.setFaults();
    },
  );
  return count;
}
