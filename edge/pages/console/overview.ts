/// <reference lib="dom" />
/**
 * The present state of the edge: charts of the last hour, and the numbers of
 * `/metrics`.
 *
 * @module
 */

import type { ComponentChild } from "preact";
import { html } from "../shared/view.ts";
import { Chart, type Line } from "./chart.ts";
import { bytesText, countText, durationText, roughText } from "./format.ts";
import {
  increase,
  type Metrics,
  quantile,
  rate,
  sumOf,
  valuesOf,
  type Where,
} from "./metrics.ts";
import { Badge, type Ctx, Table, Tile } from "./parts.ts";
import { gauge, type Seen } from "./watch.ts";

/** The four charts. */
export function Charts(
  { ctx, seen }: { ctx: Ctx; seen: Seen },
): ComponentChild {
  const { t, tag } = ctx;
  const { points } = seen;
  const perSecond = (it: number) => `${roughText(it, tag)} ${t("perSecond")}`;
  const perMinute = (it: number) => `${roughText(it, tag)} ${t("perMinute")}`;
  const line = (
    key: string,
    name: string,
    color: string,
    dash?: readonly number[],
  ): Line => ({ key, name, color, ...(dash !== undefined && { dash }) });
  const chart = (
    title: string,
    text: (value: number) => string,
    lines: readonly Line[],
  ) => html`<${Chart} ...${{ title, text, lines, points, tag }} />`;
  return html`
    <div class="charts">
      ${chart(t("chartAnswers"), perSecond, [
        line("ok", t("lineOk"), "--good"),
        line("refused", t("lineRefused"), "--warn"),
        line("pending", t("linePending"), "--accent", [6, 4]),
        line("failing", t("lineFailing"), "--bad", [2, 3]),
      ])}
      ${chart(t("chartTimes"), (it) => durationText(it, tag), [
        line("p50", t("lineP50"), "--good"),
        line("p99", t("lineP99"), "--warn", [6, 4]),
      ])}
      ${chart(t("chartCodes"), perMinute, [
        line("misses", t("misses"), "--warn"),
        line("replays", t("replays"), "--accent", [6, 4]),
        line("collisions", t("collisions"), "--bad", [2, 3]),
      ])}
      ${chart(t("chartQueues"), (it) => countText(it, tag), [
        line("underWay", t("underWay"), "--good"),
        line("due", t("due"), "--warn", [6, 4]),
        line("callbacksDue", t("callbacksDue"), "--accent", [2, 3]),
      ])}
    </div>
  `;
}

/** A number that is read from the metrics, and how it is written. */
interface Figure {
  readonly name: string;
  readonly value: string;
  readonly warn?: boolean;
  /** The name of the metric, for people who want to look it up. */
  readonly title: string;
}

/** The groups of gauges. */
function figureGroups(
  { t, tag }: Ctx,
  seen: Seen,
): readonly (readonly [heading: string, readonly Figure[]])[] {
  const metrics = seen.now?.metrics;
  const value = (name: string) => gauge(metrics, `offcode_${name}`);
  const figure = (
    text: (value: number | undefined, tag: string) => string,
    label: string,
    name: string,
    isBad: (value: number) => boolean = () => false,
  ): Figure => ({
    name: label,
    value: text(value(name), tag),
    warn: isBad(value(name) ?? 0),
    title: `offcode_${name}`,
  });
  const count = figure.bind(null, countText);
  const duration = figure.bind(null, durationText);
  const bytes = figure.bind(null, bytesText);
  const isAny = (it: number) => it > 0;
  return [
    [t("payments"), [
      count(t("underWay"), "payments_under_way", (it) => it > 100),
      count(t("due"), "payments_due"),
      duration(t("oldestDue"), "payments_oldest_due_seconds", (it) => it > 60),
    ]],
    [t("callbacks"), [
      count(t("callbacksDue"), "callback_merchants_due"),
      duration(t("oldestDue"), "callback_oldest_due_seconds", (it) => it > 120),
      count(t("deliveries"), "callback_deliveries"),
      count(t("deliveriesWaiting"), "callback_deliveries_waiting"),
      count(t("breakersOpen"), "callback_breakers_open", isAny),
    ]],
    [t("rations"), [
      count(t("rationsKnown"), "guess_rations"),
      count(t("rationsSpent"), "guess_rations_spent", isAny),
    ]],
    [t("buckets"), [
      count(t("buckets"), "buckets"),
      count(t("seeds"), "bucket_seeds"),
      count(t("fullest"), "bucket_largest_seeds"),
      bytes(t("bucketMemory"), "bucket_memory_bytes"),
      bytes(t("bucketLimit"), "bucket_memory_limit_bytes"),
    ]],
    [t("core"), [
      count(t("coreVersion"), "core_version"),
      count(t("coreUnfit"), "core_release_unfit", isAny),
      count(t("coreShadow"), "core_shadow"),
      count(t("shadowSearches"), "core_shadow_searches"),
    ]],
    [t("store"), [
      count(t("cells"), "store_cells"),
      count(t("cellsSilent"), "store_cells_silent", isAny),
      count(t("storeFaults"), "store_faults_total", isAny),
    ]],
    [t("clock"), [
      duration(
        t("clockOffset"),
        "clock_offset_seconds",
        (it) => Math.abs(it) > 1,
      ),
      ...nodeClocks({ t, tag }, metrics),
      count(t("clockUnsure"), "clock_unsure", isAny),
    ]],
    [t("process"), processFigures({ t, tag }, seen)],
  ];
}

const NODE_CLOCK = "offcode_store_node_clock_offset_seconds";

/** How far this edge's clock is ahead of that of each node. */
function nodeClocks(
  { t, tag }: Pick<Ctx, "t" | "tag">,
  metrics: Metrics = new Map(),
): Figure[] {
  return valuesOf(metrics, NODE_CLOCK, "node").map((node) => {
    const seconds = sumOf(metrics, NODE_CLOCK, { node })!;
    return {
      name: t("nodeClockOffset", { node }),
      value: durationText(seconds, tag),
      warn: Math.abs(seconds) > 1,
      title: NODE_CLOCK,
    };
  });
}

function processFigures(
  { t, tag }: Pick<Ctx, "t" | "tag">,
  { now, before }: Seen,
): Figure[] {
  const started = gauge(now?.metrics, "process_start_time_seconds");
  return [
    {
      name: t("memory"),
      value: bytesText(
        gauge(now?.metrics, "process_resident_memory_bytes"),
        tag,
      ),
      title: "process_resident_memory_bytes",
    },
    {
      name: t("cpu"),
      value: now === null || before === null
        ? "–"
        : `${
          roughText(100 * rate(before, now, "process_cpu_seconds_total"), tag)
        } %`,
      title: "process_cpu_seconds_total",
    },
    {
      name: t("uptime"),
      value: durationText(
        started === undefined ? undefined : now!.atMs / 1_000 - started,
        tag,
      ),
      title: "process_start_time_seconds",
    },
  ];
}

/** All gauges, in groups. */
export function Figures(
  { ctx, seen }: { ctx: Ctx; seen: Seen },
): ComponentChild {
  return html`
    <div class="groups">
      ${figureGroups(ctx, seen).map(([heading, figures]) =>
        html`
          <section>
            <h3>${heading}</h3>
            <dl class="tiles">
              ${figures.map((it) => html`<${Tile} ...${it} />`)}
            </dl>
          </section>
        `
      )}
    </div>
  `;
}

const ANSWERS = "offcode_http_answers_total";
const SEARCHES = "offcode_search_duration_seconds_count";

/** Counters since the start and within the last minute. */
export function Counts(
  { ctx, seen }: { ctx: Ctx; seen: Seen },
): ComponentChild {
  const { t, tag } = ctx;
  const { now, before } = seen;
  if (now === null) return null;
  const row = (name: string, metric: string, where: Where = {}) => [
    name,
    before === null
      ? "–"
      : countText(increase(before.metrics, now.metrics, metric, where), tag),
    countText(sumOf(now.metrics, metric, where), tag),
  ];
  const heads = [t("what"), t("lastMinute"), t("sinceStart")];
  const codes = valuesOf(now.metrics, ANSWERS, "code").filter((code) =>
    (sumOf(now.metrics, ANSWERS, { code }) ?? 0) > 0
  );
  return html`
    <${Table}
      caption=${t("countsOfCodes")}
      heads=${heads}
      rows=${[
        row(t("misses"), SEARCHES, { result: "none" }),
        row(t("collisions"), SEARCHES, { result: "ambiguous" }),
        row(t("replays"), ANSWERS, { code: "code-replayed" }),
        row(t("pendingAnswers"), ANSWERS, { code: "payment-pending" }),
        row(t("callbacksQueued"), "offcode_callbacks_queued_total"),
      ]}
      empty=""
    />
    <${Table}
      caption=${t("answersByCode")}
      heads=${heads}
      rows=${codes.map((code) => row(code, ANSWERS, { code }))}
      empty=${t("none")}
    />
  `;
}

/** The legs whose times are shown, and the labels that divide them. */
const LEGS = [
  ["offcode_http_request_duration_seconds", ["method", "route"]],
  ["offcode_search_duration_seconds", ["result"]],
  ["offcode_store_request_duration_seconds", ["request"]],
  ["offcode_store_node_request_duration_seconds", ["node"]],
  ["offcode_ledger_request_duration_seconds", ["request", "result"]],
  ["offcode_callback_attempt_duration_seconds", ["result"]],
] as const;

/** The sets of labels of a histogram that was observed at all. */
function setsOf(
  metrics: Metrics,
  name: string,
  labels: readonly string[],
): Record<string, string>[] {
  const sets = new Map<string, Record<string, string>>();
  for (const point of metrics.get(`${name}_count`) ?? []) {
    if (point.value === 0) continue;
    const set = Object.fromEntries(
      labels.map((it) => [it, point.labels[it] ?? ""]),
    );
    sets.set(JSON.stringify(set), set);
  }
  return [...sets.values()];
}

/** How long calls and their legs take. */
export function Times({ ctx, seen }: { ctx: Ctx; seen: Seen }): ComponentChild {
  const { t, tag } = ctx;
  const { now, before } = seen;
  if (now === null) return null;
  const legs = {
    offcode_http_request_duration_seconds: t("legCall"),
    offcode_search_duration_seconds: t("legSearch"),
    offcode_store_request_duration_seconds: t("legStore"),
    offcode_store_node_request_duration_seconds: t("legNode"),
    offcode_ledger_request_duration_seconds: t("legLedger"),
    offcode_callback_attempt_duration_seconds: t("legCallback"),
  };
  const rows = LEGS.flatMap(([name, labels]) =>
    setsOf(now.metrics, name, labels).map((where) => {
      const times = (q: number) => {
        const recent = before === null
          ? undefined
          : quantile(q, before.metrics, now.metrics, name, where);
        return durationText(
          recent ?? quantile(q, null, now.metrics, name, where),
          tag,
        );
      };
      return [
        `${legs[name]} ${Object.values(where).join(" ")}`,
        countText(sumOf(now.metrics, `${name}_count`, where), tag),
        times(0.5),
        times(0.99),
      ];
    })
  );
  return html`
    <${Table}
      caption=${t("times")}
      heads=${[t("what"), t("sinceStart"), t("lineP50"), t("lineP99")]}
      rows=${rows}
      empty=${t("none")}
    />
    <p class="soft">${t("timesNote")}</p>
  `;
}

/** Whether the edge is ready, and its warnings. */
export function Readiness(
  { ctx, seen }: { ctx: Ctx; seen: Seen },
): ComponentChild {
  const { t } = ctx;
  const { ready } = seen;
  if (ready === null) return null;
  const isReady = ready.status === 200;
  return html`
    <p class="row">
      <${Badge} kind=${isReady ? "good" : "bad"}>
        ${isReady
          ? t("ready")
          : t("notReady", { code: ready.body?.code ?? "" })}
      <//>
      ${(ready.body?.warnings ?? []).map((it: { code: string }) =>
        html`<${Badge} kind="warn">${it.code}<//>`
      )}
    </p>
  `;
}
