/**
 * The charts of a report, as SVG inside of HTML: no script, no font, nothing
 * from elsewhere. Colors are classes, so that the page chooses them for light
 * and dark; every value can be read by pointing at it.
 *
 * @module
 */

// Under another name, because the formatter would reflow what is tagged `html`.
import { html as markup } from "hono/html";
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
  /** Whether 0 stands for nothing measured, and the line has a gap there. */
  readonly hasGaps: boolean;
}

const WIDTH = 760;
const HEIGHT = 240;
const LEFT = 52;
const RIGHT = 12;
const TOP = 22;
const BOTTOM = 28;
const INNER_WIDTH = WIDTH - LEFT - RIGHT;
const INNER_HEIGHT = HEIGHT - TOP - BOTTOM;
const GROUND = TOP + INNER_HEIGHT;
/** Beyond this ratio the lower values would lie on the ground. */
const LOG_FROM = 30;
/** A word on the right of this place would not fit. */
const LAST_WORD = WIDTH - 60;

const NOTHING = markup`<p class="quiet">Nothing was measured.</p>`;

const px = (value: number) => Number(value.toFixed(1));
const yOf = (scale: Scale, value: number) =>
  px(TOP + INNER_HEIGHT * (1 - scale.at(value)));

/** Lines over time. */
export function lineChart(chart: LineChart): Markup {
  const { label, unit, edges, series, hasGaps } = chart;
  const end = edges.at(-1);
  if (end === undefined) return NOTHING;
  const values = series.flatMap((it) => it.values).filter((it) => it > 0);
  const max = Math.max(...values, 0);
  const min = Math.min(...values, max);
  const isLog = min > 0 && max / min > LOG_FROM;
  const y = isLog ? logScale(min, max * 1.05) : linearScale(max);
  const x = (seconds: number) => px(LEFT + INNER_WIDTH * seconds / end);
  const middle = (i: number) => x((edges[i]! + edges[i + 1]!) / 2);
  const isShown = (value: number) => value > 0 || !(hasGaps || isLog);

  const dot = (look: string, i: number, value: number) =>
    markup`<circle class="dot ${look}" cx="${middle(i)}" cy="${
      yOf(y, value)
    }" r="4"/>`;
  const lines = series.map(({ look, values }) => {
    const points = values.map((value, i) =>
      isShown(value) ? [middle(i), yOf(y, value)] as const : null
    );
    return markup`<path class="line ${look}" d="${path(points)}"/>${
      // Alone, a point is no line.
      values.filter(isShown).length === 1
        ? dot(look, values.findIndex(isShown), values.find(isShown)!)
        : ""}`;
  });
  const slices = edges.slice(1).map((to, i) => {
    const from = edges[i]!;
    const says = series.map((it) =>
      `${it.name}: ${readable(it.values[i]!)} ${unit}`
    );
    const dots = series.filter((it) => isShown(it.values[i]!))
      .map((it) => dot(it.look, i, it.values[i]!));
    return markup`<g class="at"><rect x="${x(from)}" y="${TOP}" width="${
      px(x(to) - x(from))
    }" height="${INNER_HEIGHT}"/>${dots}<title>${
      [`${readable(from)} to ${readable(to)} s`, ...says].join("\n")
    }</title></g>`;
  });
  const ticks = linearScale(end).ticks.filter((it) => it <= end)
    .map((it) => xTick(x(it), `${readable(it)} s`));
  const unitName = `${unit}${isLog ? ", logarithmic" : ""}`;
  return frame(label, [grid(y, unitName), ...ticks, ...lines, ...slices]);
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

  const columns = bars.map(({ fromMs, toMs, count }) => {
    const left = x(Math.max(fromMs, lowest)) + 1;
    const width = Math.max(1, px(x(toMs) - left - 1));
    // Rare ones are seen as well.
    const height = count === 0 ? 0 : Math.max(1.5, px(GROUND - yOf(y, count)));
    return markup`<g class="at"><rect x="${left}" y="${TOP}" width="${width}" height="${INNER_HEIGHT}"/><path class="bar" d="${
      columnPath(left, width, height)
    }"/><title>${readable(fromMs)} to ${readable(toMs)} ms: ${
      readable(count)
    } requests</title></g>`;
  });
  const lines = marks.map(({ name, ms }, i) => {
    const at = x(ms);
    const isLeft = at > LAST_WORD;
    return markup`<line class="mark" x1="${at}" x2="${at}" y1="${TOP}" y2="${GROUND}"/><text class="mark-name" text-anchor="${
      isLeft ? "end" : "start"
    }" x="${px(at + (isLeft ? -4 : 4))}" y="${
      TOP + 12 + 13 * i
    }">${name}</text>`;
  });
  const ticks = scale.ticks.map((it) => xTick(x(it), `${readable(it)} ms`));
  return frame(label, [grid(y, "requests"), ...ticks, ...columns, ...lines]);
}

function frame(label: string, parts: readonly Markup[]): Markup {
  return markup`<div class="scroll"><svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${label}">${parts}</svg></div>`;
}

function xTick(x: number, text: string): Markup {
  return markup`<text class="tick" x="${x}" y="${
    HEIGHT - 8
  }" text-anchor="middle">${text}</text>`;
}

function grid(y: Scale, unit: string): Markup {
  const lines = y.ticks.map((tick) => {
    const at = yOf(y, tick);
    return markup`<line class="grid" x1="${LEFT}" x2="${
      WIDTH - RIGHT
    }" y1="${at}" y2="${at}"/><text class="tick" x="${LEFT - 8}" y="${
      px(at + 4)
    }" text-anchor="end">${readable(tick)}</text>`;
  });
  return markup`${lines}<text class="tick" x="${LEFT}" y="12">${unit}</text>`;
}

/** A line through points, broken where there is none. */
function path(points: readonly (readonly [number, number] | null)[]): string {
  return points.map((point, i) =>
    point && `${points[i - 1] ? "L" : "M"}${point[0]} ${point[1]}`
  ).filter((it) => it !== null).join("");
}

/** A column that stands on the ground, with round upper corners. */
function columnPath(left: number, width: number, height: number): string {
  if (height === 0) return "";
  const r = Math.min(3, width / 2, height);
  return `M${left} ${GROUND}v${px(r - height)}q0 ${-r} ${r} ${-r}h${
    px(width - 2 * r)
  }q${r} 0 ${r} ${r}v${px(height - r)}z`;
}
