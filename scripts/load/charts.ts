/**
 * The charts of a report, as SVG inside of HTML: no script, no font, nothing
 * from elsewhere. Colors are classes, so that the page chooses them for light
 * and dark; every value can be read by pointing at it.
 *
 * @module
 */

import { html } from "hono/html";
import type { HtmlEscapedString } from "hono/utils/html";
import type { Bar } from "./recorder.ts";
import { linearScale, logScale, readable, type Scale } from "./scale.ts";

/** Markup whose texts are escaped. */
export type Markup = HtmlEscapedString | Promise<HtmlEscapedString>;

/** Values over time. */
export interface Series {
  readonly name: string;
  /** The class that gives it its color: `a`, `b` or `plan`. */
  readonly look: "a" | "b" | "plan";
  /** One per slice. */
  readonly values: readonly number[];
}

/** A chart over the slices of a run. */
export interface LineChart {
  /** What screen readers say. */
  readonly label: string;
  readonly unit: string;
  /** Where the slices begin, and where the last one ends, seconds. */
  readonly edges: readonly number[];
  readonly series: readonly Series[];
}

const WIDTH = 760;
const HEIGHT = 240;
const LEFT = 52;
const RIGHT = 12;
const TOP = 22;
const BOTTOM = 28;
const INNER_WIDTH = WIDTH - LEFT - RIGHT;
const INNER_HEIGHT = HEIGHT - TOP - BOTTOM;
const NOTHING = html`<p class="quiet">Nothing was measured.</p>`;
/** Beyond this ratio the lower values would lie on the ground. */
const LOG_FROM = 30;

const px = (value: number) => Number(value.toFixed(1));
const yOf = (scale: Scale, value: number) =>
  px(TOP + INNER_HEIGHT * (1 - scale.at(value)));

/** Lines over time. */
export function lineChart({ label, unit, edges, series }: LineChart): Markup {
  const end = edges.at(-1);
  if (end === undefined) return NOTHING;
  const values = series.flatMap((it) => it.values).filter((it) => it > 0);
  const max = Math.max(...values, 0);
  const min = Math.min(...values, max);
  const isLog = min > 0 && max / min > LOG_FROM;
  const y = isLog ? logScale(min, max * 1.05) : linearScale(max);
  const x = (seconds: number) => px(LEFT + INNER_WIDTH * seconds / end);
  const middle = (i: number) => (edges[i]! + edges[i + 1]!) / 2;
  const count = edges.length - 1;
  return html`
    <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${label}">
      ${grid(y, `${unit}${isLog ? ", logarithmic" : ""}`)}
      ${linearScale(end).ticks.filter((it) => it <= end).map((tick) =>
        html`
          <text class="tick" x="${x(tick)}" y="${HEIGHT - 8}"
            text-anchor="middle">${readable(tick)} s</text>
        `
      )}
      ${series.map(({ look, values }) => {
        const points = values.map((value, i) =>
          // Nothing was measured: a gap, not a zero, where there is no zero.
          isLog && value <= 0 ? null : [x(middle(i)), yOf(y, value)] as const
        );
        return html`
          <path class="line ${look}" d="${path(
            points,
          )}" />${count === 1 && points[0]
            ? html`
              <circle class="dot ${look}" cx="${points[0][0]}" cy="${points[0][
                1
              ]}" r="4" />
            `
            : ""}
        `;
      })}
      ${Array.from({ length: count }, (_, i) =>
        html`
          <g
            class="at"><rect x="${x(edges[i]!)}" y="${TOP}" width="${px(
              x(edges[i + 1]!) - x(edges[i]!),
            )}" height="${INNER_HEIGHT}"/>${series.filter((it) =>
              it.values[i]! > 0
            ).map(({ look, values }) =>
              html`
                <circle class="dot ${look}" cx="${x(middle(i))}" cy="${yOf(
                  y,
                  values[i]!,
                )}" r="4" />
              `
            )}<title>${readable(edges[i]!)} to ${readable(edges[i + 1]!)} s
          ${series.map((it) => `${it.name}: ${readable(it.values[i]!)} ${unit}`)
            .join("\n")}</title></g>
        `)}
    </svg>
  `;
}

/** A histogram over a logarithmic axis, with marks such as p99. */
export function histogram(
  label: string,
  bars: readonly Bar[],
  marks: readonly { readonly name: string; readonly ms: number }[],
): Markup {
  const [first] = bars;
  const last = bars.at(-1);
  if (first === undefined || last === undefined) return NOTHING;
  const y = linearScale(Math.max(...bars.map((it) => it.count)));
  const lowest = first.fromMs > 0 ? first.fromMs : first.toMs / 1.4;
  const scale = logScale(lowest, last.toMs);
  const x = (ms: number) => px(LEFT + INNER_WIDTH * scale.at(ms));
  const ground = TOP + INNER_HEIGHT;
  return html`
    <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${label}">
      ${grid(y, "requests")}
      ${scale.ticks.map((tick) =>
        html`
          <text class="tick" x="${x(tick)}" y="${HEIGHT - 8}"
            text-anchor="middle">${readable(tick)} ms</text>
        `
      )}
      ${bars.map(({ fromMs, toMs, count }) => {
        const left = x(Math.max(fromMs, lowest)) + 1;
        const width = Math.max(1, px(x(toMs) - left - 1));
        const top = yOf(y, count);
        // Rare ones are seen as well.
        const height = count === 0 ? 0 : Math.max(1.5, px(ground - top));
        return html`
          <g class="at">
            <rect x="${left}" y="${TOP}" width="${width}"
              height="${INNER_HEIGHT}" />
            <path class="bar" d="${barPath(left, ground, width, height)}" />
            <title>${readable(fromMs)} to ${readable(toMs)} ms: ${readable(
              count,
            )} requests</title>
          </g>
        `;
      })}
      ${marks.map(({ name, ms }, i) =>
        html`
          <line class="mark" x1="${x(ms)}" x2="${x(ms)}" y1="${TOP}"
            y2="${ground}" />
          <text class="mark-name" x="${px(x(ms) + 4)}" y="${TOP + 10 +
            12 * i}">${name}</text>
        `
      )}
    </svg>
  `;
}

function grid(y: Scale, unit: string): Markup {
  return html`${
    y.ticks.map((tick) =>
      html`
        <line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${yOf(
          y,
          tick,
        )}"
          y2="${yOf(y, tick)}" />
        <text class="tick" x="${LEFT - 8}" y="${px(yOf(y, tick) + 4)}"
          text-anchor="end">${readable(tick)}</text>
      `
    )
  }<text class="tick" x="${LEFT}" y="12">${unit}</text>`;
}

/** A line through points, broken where there is none. */
function path(points: readonly (readonly [number, number] | null)[]): string {
  return points.map((point, i) =>
    point && `${points[i - 1] ? "L" : "M"}${point[0]} ${point[1]}`
  ).filter((it) => it !== null).join("");
}

/** A column with round upper corners. */
function barPath(
  left: number,
  ground: number,
  width: number,
  height: number,
): string {
  if (height === 0) return "";
  const r = Math.min(3, width / 2, height);
  return `M${left} ${ground}v${px(r - height)}q0 ${-r} ${r} ${-r}h${
    px(width - 2 * r)
  }q${r} 0 ${r} ${r}v${px(height - r)}z`;
}
