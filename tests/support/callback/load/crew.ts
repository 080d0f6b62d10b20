/**
 * Dispatchers in processes of their own that are killed at random while they
 * deliver, and started again: the crew of a run under load.
 *
 * @module
 */

import { LimitedCommand } from "../../http/command.ts";
import { TextLineStream } from "@std/streams/text-line-stream";
import type { LoadChildOrder, LoadChildReport } from "./load_child.ts";

/** Some dispatchers. */
export interface Crew extends AsyncDisposable {
  /** How many were killed. */
  readonly killed: number;
  /** Replies of the store that were lost, as reported by processes that were not killed. */
  readonly lost: number;
  /** Lets all deliver; resolves when none of them finds anything to deliver. */
  deliver(nowMs: number): Promise<void>;
  /** Lets those that have ended early look again. */
  nudge(): void;
  /** Kills one of them, by its number. */
  kill(number: number): void;
}

const CHILD = new URL("load_child.ts", import.meta.url).pathname;

/** Starts as many as asked for; `order` makes what the nth to start is given. */
export function startCrew(
  count: number,
  order: (started: number) => LoadChildOrder,
): Crew {
  return new Dispatchers(count, order);
}

class Dispatchers implements Crew {
  killed = 0;
  lost = 0;
  readonly #order: (started: number) => LoadChildOrder;
  readonly #places: readonly Place[];
  #started = 0;
  #nowMs = 0;
  #isDelivering = false;
  #hasEnded = false;
  #changed = () => {};
  #fault: unknown = null;

  constructor(count: number, order: (started: number) => LoadChildOrder) {
    this.#order = order;
    this.#places = Array.from({ length: count }, () => this.#place());
  }

  #place(): Place {
    const place = new Place({
      order: () => this.#order(this.#started++),
      onReport: ({ lost }) => {
        this.lost += lost;
        this.#changed();
      },
      onFault: (error) => {
        this.#fault ??= error;
        this.#changed();
      },
      onStart: () => {
        if (this.#isDelivering) place.ask(this.#nowMs);
      },
      hasEnded: () => this.#hasEnded,
    });
    place.start();
    return place;
  }

  async deliver(nowMs: number): Promise<void> {
    this.#nowMs = nowMs;
    this.#isDelivering = true;
    // All are asked again as long as one of them delivered something, because that may
    // have freed what others need.
    do {
      this.nudge();
      while (this.#places.some(({ isBusy }) => isBusy)) {
        await new Promise<void>((resolve) => this.#changed = resolve);
        if (this.#fault !== null) throw this.#fault;
      }
    } while (!this.#places.every(({ isDone }) => isDone));
    this.#isDelivering = false;
  }

  nudge(): void {
    if (!this.#isDelivering) return;
    for (const it of this.#places) if (!it.isBusy) it.ask(this.#nowMs);
  }

  kill(number: number): void {
    this.killed++;
    this.#places[number % this.#places.length]!.kill();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#hasEnded = true;
    for (const it of this.#places) await it.end();
  }
}

/** What a place needs of its crew. */
interface PlaceDeps {
  readonly order: () => LoadChildOrder;
  readonly onReport: (report: LoadChildReport) => void;
  readonly onFault: (error: unknown) => void;
  readonly onStart: () => void;
  readonly hasEnded: () => boolean;
}

/** One place, in which one process follows the other. */
class Place {
  /** Whether it was asked and has not answered. */
  isBusy = false;
  /** Whether its last answer was that nothing is to be done. */
  isDone = false;
  readonly #deps: PlaceDeps;
  #child!: Deno.ChildProcess;
  #input!: WritableStreamDefaultWriter<Uint8Array>;
  #ended!: Promise<void>;

  constructor(deps: PlaceDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.isBusy = false;
    this.#child = new LimitedCommand(Deno.execPath(), {
      args: [
        ...["run", "--allow-all", "--no-check", "--no-lock"],
        CHILD,
        JSON.stringify(this.#deps.order()),
      ],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#input = this.#child.stdin.getWriter();
    this.#ended = this.#listen(this.#child).catch(this.#deps.onFault);
    this.#deps.onStart();
  }

  ask(nowMs: number): void {
    this.isBusy = true;
    this.isDone = false;
    // A process that is killed meanwhile reads nothing.
    this.#input.write(new TextEncoder().encode(`${nowMs}\n`)).catch(() => {});
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }

  async end(): Promise<void> {
    await this.#input.close().catch(() => {});
    await this.#ended;
  }

  async #listen(child: Deno.ChildProcess): Promise<void> {
    const { onReport, hasEnded } = this.#deps;
    const lines = child.stdout.pipeThrough(new TextDecoderStream())
      .pipeThrough(new TextLineStream());
    for await (const line of lines) {
      const report = JSON.parse(line) as LoadChildReport;
      this.isBusy = false;
      this.isDone = report.attempts === 0;
      onReport(report);
    }
    const { signal } = await child.status;
    // A process that was killed does not read the end of its input.
    await this.#input.close().catch(() => {});
    if (signal === "SIGKILL" && !hasEnded()) this.start();
    else if (!hasEnded()) throw new Error("A dispatcher ended by itself");
  }
}
