/**
 * Faults for the gateway: which request goes wrong, and how. Chosen by counting
 * or by a seeded draw, so that a run can be repeated.
 *
 * @module
 */

/** One kind of fault and the requests that it befalls. */
export interface FaultRule {
  readonly kind:
    /** The connection is cut. */
    | "drop"
    /** No reply, until the caller gives up. */
    | "hang"
    /** The reply comes late, by `ms`. */
    | "delay"
    /** The gateway answers by itself, with `status` and `body`. */
    | "status"
    /** A proxy answers 502 with a page. */
    | "html";
  /** Whether the command is executed before that; `false` if not given. */
  readonly executed?: boolean;
  /** For `delay`. */
  readonly ms?: number;
  /** For `status`; 500 if not given. */
  readonly status?: number;
  /** For `status`: the whole body; an error in JSON if not given. */
  readonly body?: string;
  /** Only requests with one of these commands, such as `EVALSHA`. */
  readonly commands?: readonly string[];
  /** Of those: the so manieth ones, from 1. */
  readonly nth?: readonly number[];
  /** Of those: every so manieth. */
  readonly every?: number;
  /** Of those: each with this probability. */
  readonly probability?: number;
}

/** Decides, request by request. */
export class FaultPlan {
  readonly #rules: readonly FaultRule[];
  readonly #seen: number[];
  #state: number;
  /** How many requests each kind has befallen. */
  readonly counts: Record<string, number> = {};

  constructor(rules: readonly FaultRule[] = [], seed = 1) {
    this.#rules = rules;
    this.#seen = rules.map(() => 0);
    this.#state = seed >>> 0;
  }

  /** The fault of a request with these commands; the first rule that fits. */
  next(commands: readonly string[]): FaultRule | undefined {
    let chosen: FaultRule | undefined;
    for (const [i, rule] of this.#rules.entries()) {
      const fits = rule.commands?.some((it) => commands.includes(it)) ?? true;
      if (!fits) continue;
      const count = ++this.#seen[i]!;
      // Drawn also where it does not matter, so that rules do not disturb
      // each other's draws.
      const drawn = rule.probability !== undefined &&
        this.#draw() < rule.probability;
      const always = rule.nth === undefined && rule.every === undefined &&
        rule.probability === undefined;
      const hit = always || drawn || rule.nth?.includes(count) === true ||
        (rule.every !== undefined && count % rule.every === 0);
      if (hit) chosen ??= rule;
    }
    if (chosen !== undefined) {
      this.counts[chosen.kind] = (this.counts[chosen.kind] ?? 0) + 1;
    }
    return chosen;
  }

  /** From 0 to 1; the generator of Numerical Recipes, top 24 bits. */
  #draw(): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return (this.#state >>> 8) / 2 ** 24;
  }
}
