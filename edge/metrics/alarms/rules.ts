/**
 * The rules of `alerts.yml`, which Prometheus reads as they are, for an edge that
 * judges them over its own metrics.
 *
 * @module
 */

import { parse } from "yaml";
import { type Expression, parseExpression } from "./expression.ts";

/** A rule of an alarm. */
export interface AlarmRule {
  readonly name: string;
  readonly severity: string;
  /** One sentence, in which `{{ $labels.x }}` is replaced by a label of the alarm. */
  readonly summary: string;
  /** For how long the expression must have values before the alarm fires. */
  readonly forMs: number;
  /** The metrics that the expression looks at. */
  readonly metrics: ReadonlySet<string>;
  readonly expression: Expression;
}

/** A rule as it is written. */
interface WrittenRule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string };
}

/**
 * Reads the rules of a file of alarms.
 *
 * @throws {ExpressionError} If a rule is not in the part of PromQL that is understood.
 */
export function readRules(text: string): readonly AlarmRule[] {
  const { groups } = parse(text) as {
    groups: readonly { rules: readonly WrittenRule[] }[];
  };
  return groups.flatMap(({ rules }) => rules).map((rule) => {
    const metrics = new Set<string>();
    const expression = parseExpression(rule.expr, metrics);
    return {
      name: rule.alert,
      severity: rule.labels.severity,
      summary: rule.annotations.summary,
      forMs: rule.for === undefined ? 0 : minutesMs(rule.for),
      metrics,
      expression,
    };
  });
}

/** `5m` → ms. */
function minutesMs(text: string): number {
  const [, minutes] = /^(\d+)m$/.exec(text) ?? [];
  if (minutes === undefined) throw new RangeError(`Not in minutes: ${text}`);
  return Number(minutes) * 60_000;
}
