/**
 * The part of PromQL in which `alerts.yml` is written, evaluated over the
 * history that an edge keeps of its own metrics. An expression outside of this
 * part is refused when it is read, so that a rule never has another meaning
 * here than in Prometheus.
 *
 * There is one difference: a counter begins at 0 when the process starts, so its first
 * value here counts as an increase. Prometheus does not know when the process started,
 * and extrapolates instead.
 *
 * @module
 */

import type { History, Labels } from "./history.ts";

/** A value, and the labels of its series. */
export interface Value {
  readonly labels: Labels;
  readonly value: number;
}

/** An expression: its values at a moment of the history, in milliseconds. */
export type Expression = (history: History, atMs: number) => readonly Value[];

/** A text that is not in the part of PromQL that is understood here. */
export class ExpressionError extends Error {
  override readonly name = "ExpressionError";
}

const PART =
  /\s*("[^"]*"|[A-Za-z_]\w*|\d+(?:\.\d+)?[smhd]?|=~|!=|==|[=><(){}[\],:/])/y;
const UNITS: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Which labels a series must have. */
type Matcher = (labels: Labels) => boolean;

/** Series of one metric. */
interface Selector {
  readonly metric: string;
  readonly matches: Matcher;
}

/**
 * Reads an expression; `metrics` gets the name of every metric that it looks at.
 *
 * @throws {ExpressionError} If the text is not in the part that is understood.
 */
export function parseExpression(
  text: string,
  metrics: Set<string>,
): Expression {
  return new Parser(text, metrics).whole();
}

/** The same text for equal sets of labels. */
const keyOf = (labels: Labels): string =>
  JSON.stringify(Object.entries(labels).sort());

const onlyLabels = (labels: Labels, names: readonly string[]): Labels =>
  Object.fromEntries(
    names.filter((it) => it in labels).map((it) => [it, labels[it]!]),
  );

const REDUCERS: Readonly<
  Record<string, (values: readonly number[]) => number>
> = {
  sum: (values) => values.reduce((sum, it) => sum + it, 0),
  max: (values) => Math.max(...values),
  min: (values) => Math.min(...values),
};

/**
 * One value for each set of labels: what `reduce` makes of the values with
 * these labels.
 */
function group(
  values: readonly Value[],
  labelsOf: (labels: Labels) => Labels,
  reduce: (values: readonly number[]) => number,
): readonly Value[] {
  const groups = new Map<string, { labels: Labels; values: number[] }>();
  for (const { labels, value } of values) {
    const kept = labelsOf(labels);
    const key = keyOf(kept);
    const found = groups.get(key) ?? { labels: kept, values: [] };
    found.values.push(value);
    groups.set(key, found);
  }
  return [...groups.values()].map((it) => ({
    labels: it.labels,
    value: reduce(it.values),
  }));
}

/** Reads one expression by recursive descent. */
class Parser {
  readonly #parts: readonly string[];
  readonly #metrics: Set<string>;
  #at = 0;

  constructor(text: string, metrics: Set<string>) {
    this.#metrics = metrics;
    const parts: string[] = [];
    const form = new RegExp(PART);
    while (form.lastIndex < text.trimEnd().length) {
      const { lastIndex } = form;
      const [, found] = form.exec(text) ?? [];
      if (found === undefined) {
        throw new ExpressionError(`Not understood: ${text.slice(lastIndex)}`);
      }
      parts.push(found);
    }
    this.#parts = parts;
  }

  whole(): Expression {
    const expression = this.#or();
    if (this.#at < this.#parts.length) this.#fail();
    return expression;
  }

  #fail(): never {
    const part = this.#parts[this.#at] ?? "the end";
    throw new ExpressionError(`Not understood: ${part}`);
  }

  /** Whether the next part is this one, which is then taken. */
  #take(part: string): boolean {
    if (this.#parts[this.#at] !== part) return false;
    this.#at++;
    return true;
  }

  #must(part: string): void {
    if (!this.#take(part)) this.#fail();
  }

  /** Takes a part of the form. */
  #read(form: RegExp): string {
    const part = this.#parts[this.#at] ?? "";
    if (!form.test(part)) this.#fail();
    this.#at++;
    return part;
  }

  #durationMs(): number {
    const text = this.#read(/^\d+[smhd]$/);
    return Number(text.slice(0, -1)) * UNITS[text.at(-1)!]!;
  }

  #or(): Expression {
    let left = this.#comparison();
    while (this.#take("or")) {
      const [first, second] = [left, this.#comparison()];
      left = (history, atMs) => {
        const found = first(history, atMs);
        const known = new Set(found.map(({ labels }) => keyOf(labels)));
        return [
          ...found,
          ...second(history, atMs).filter((it) => !known.has(keyOf(it.labels))),
        ];
      };
    }
    return left;
  }

  #comparison(): Expression {
    const left = this.#quotient();
    for (const sign of [">", "=="]) {
      if (!this.#take(sign)) continue;
      const bound = Number(this.#read(/^\d+(\.\d+)?$/));
      return (history, atMs) =>
        left(history, atMs).filter(({ value }) =>
          sign === ">" ? value > bound : value === bound
        );
    }
    return left;
  }

  #quotient(): Expression {
    const left = this.#operand();
    if (!this.#take("/")) return left;
    const right = this.#operand();
    return (history, atMs) => {
      const divisors = new Map(
        right(history, atMs).map((it) => [keyOf(it.labels), it.value]),
      );
      return left(history, atMs).flatMap(({ labels, value }) => {
        const divisor = divisors.get(keyOf(labels));
        return divisor === undefined
          ? []
          : [{ labels, value: value / divisor }];
      });
    };
  }

  #operand(): Expression {
    if (this.#take("(")) {
      const inner = this.#or();
      this.#must(")");
      return inner;
    }
    const word = this.#read(/^[a-z_]\w*$/i);
    switch (word) {
      case "sum":
      case "max":
      case "min":
        return this.#aggregation(REDUCERS[word]!);
      case "abs":
        return this.#inParentheses(() => {
          const inner = this.#or();
          return (history, atMs) =>
            inner(history, atMs).map(({ labels, value }) => ({
              labels,
              value: Math.abs(value),
            }));
        });
      case "increase":
      case "rate":
        return this.#inParentheses(() => this.#increase(word === "rate"));
      case "max_over_time":
      case "min_over_time":
        return this.#inParentheses(() =>
          this.#overTime(REDUCERS[word.slice(0, 3)]!)
        );
      default: {
        const selector = this.#selector(word);
        return (history, atMs) =>
          history.series(selector.metric).flatMap((series) => {
            const value = selector.matches(series.labels)
              ? history.at(series, atMs)
              : undefined;
            return value === undefined
              ? []
              : [{ labels: series.labels, value }];
          });
      }
    }
  }

  #inParentheses(read: () => Expression): Expression {
    this.#must("(");
    const inner = read();
    this.#must(")");
    return inner;
  }

  #aggregation(reduce: (values: readonly number[]) => number): Expression {
    const by: string[] = [];
    if (this.#take("by")) {
      this.#must("(");
      do by.push(this.#read(/^[a-z_]\w*$/)); while (this.#take(","));
      this.#must(")");
    }
    return this.#inParentheses(() => {
      const inner = this.#or();
      return (history, atMs) =>
        group(inner(history, atMs), (it) => onlyLabels(it, by), reduce);
    });
  }

  /** `metric{…}[5m]` as the increase of counters, or as their increase per second. */
  #increase(perSecond: boolean): Expression {
    const { metric, matches } = this.#selector(this.#read(/^[a-z_]\w*$/i));
    this.#must("[");
    const spanMs = this.#durationMs();
    this.#must("]");
    const divisor = perSecond ? spanMs / 1_000 : 1;
    return (history, atMs) =>
      history.series(metric).flatMap((series) => {
        if (!matches(series.labels)) return [];
        const now = history.at(series, atMs);
        if (now === undefined) return [];
        const before = history.at(series, atMs - spanMs, Infinity) ?? 0;
        // A counter that is smaller than before has begun again.
        const increase = now < before ? now : now - before;
        return [{ labels: series.labels, value: increase / divisor }];
      });
  }

  /** `expression[10m:1m]` or `metric[15m]`, reduced to one value for each series. */
  #overTime(reduce: (values: readonly number[]) => number): Expression {
    const inner = this.#operand();
    this.#must("[");
    const spanMs = this.#durationMs();
    const stepMs = this.#take(":") ? this.#durationMs() : null;
    this.#must("]");
    return (history, atMs) => {
      const times = stepMs === null
        ? history.timesIn(atMs - spanMs, atMs)
        : stepsIn(atMs - spanMs, atMs, stepMs);
      return group(
        times.flatMap((it) => inner(history, it)),
        (it) => it,
        reduce,
      );
    };
  }

  #selector(metric: string): Selector {
    this.#metrics.add(metric);
    const matchers: Matcher[] = [];
    if (this.#take("{")) {
      do matchers.push(this.#matcher()); while (this.#take(","));
      this.#must("}");
    }
    return { metric, matches: (it) => matchers.every((match) => match(it)) };
  }

  #matcher(): Matcher {
    const name = this.#read(/^[a-z_]\w*$/);
    const sign = this.#read(/^(=|!=|=~)$/);
    const text = this.#read(/^"/).slice(1, -1);
    const form = new RegExp(`^(?:${text})$`);
    return ({ [name]: value = "" }) =>
      sign === "=~" ? form.test(value) : (value === text) === (sign === "=");
  }
}

/** The multiples of a step after `fromMs`, up to `toMs`. */
function stepsIn(fromMs: number, toMs: number, stepMs: number): number[] {
  const times: number[] = [];
  const firstMs = (Math.floor(fromMs / stepMs) + 1) * stepMs;
  for (let ms = firstMs; ms <= toMs; ms += stepMs) times.push(ms);
  return times;
}
