/**
 * Charts with two logarithmic axes, as SVG that is read on light and on dark
 * pages: the drawing brings its own background, and both follow the reader's
 * color scheme.
 *
 * @module
 */

type Point = readonly [x: number, y: number];

/** One pair of axes, and at most three lines of points above 0. */
export interface Panel {
  readonly title: string;
  /** With its unit. */
  readonly xLabel: string;
  readonly yLabel: string;
  readonly lines: readonly {
    readonly name: string;
    readonly points: readonly Point[];
    /** Continues the line, dashed: on paper, not measured. */
    readonly beyond?: Point;
  }[];
}

const WIDTH = 360;
const HEIGHT = 330;
/** Where the plot lies; around it is room for labels. */
const LEFT = 62, RIGHT = WIDTH - 24, TOP = 64, BOTTOM = HEIGHT - 50;

const STYLE = `
  .page { fill: #ffffff } .ink { fill: #1f2328 } .soft { fill: #59636e }
  .grid { stroke: #d1d9e0; stroke-width: 1 }
  .l0 { stroke: #0969da } .l1 { stroke: #bc4c00 } .l2 { stroke: #1a7f37 }
  .line { fill: none; stroke-width: 2 } .dash { stroke-dasharray: 4 4 }
  text { font: 12px system-ui, sans-serif }
  .title { font-weight: 600; font-size: 14px }
  @media (prefers-color-scheme: dark) {
    .page { fill: #0d1117 } .ink { fill: #f0f6fc } .soft { fill: #9198a1 }
    .grid { stroke: #3d444d }
    .l0 { stroke: #4493f8 } .l1 { stroke: #f0883e } .l2 { stroke: #3fb950 }
  }`;

/** The panels side by side. */
export function chartSvg(title: string, panels: readonly Panel[]): string {
  const width = WIDTH * panels.length;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${HEIGHT}" width="${width}" height="${HEIGHT}" role="img">`,
    `<title>${escape(title)}</title>`,
    `<style>${STYLE}\n</style>`,
    `<rect class="page" width="${width}" height="${HEIGHT}"/>`,
    ...panels.map((panel, i) =>
      `<g transform="translate(${i * WIDTH} 0)">\n${drawPanel(panel)}\n</g>`
    ),
    "</svg>\n",
  ].join("\n");
}

function drawPanel({ title, xLabel, yLabel, lines }: Panel): string {
  const all = lines.flatMap(({ points, beyond }) => [
    ...points,
    ...(beyond === undefined ? [] : [beyond]),
  ]);
  const xs = axis(all.map(([x]) => x), LEFT, RIGHT);
  const ys = axis(all.map(([, y]) => y), BOTTOM, TOP);
  const place = ([x, y]: Point): Point => [round(xs.at(x)), round(ys.at(y))];
  let legend = LEFT;
  return [
    text(LEFT, 22, title, "ink title"),
    ...xs.decades.flatMap((x) => [
      `<path class="grid" d="M${round(xs.at(x))} ${TOP}V${BOTTOM}"/>`,
      text(xs.at(x), BOTTOM + 16, short(x), "soft", "middle"),
    ]),
    ...ys.decades.flatMap((y) => [
      `<path class="grid" d="M${LEFT} ${round(ys.at(y))}H${RIGHT}"/>`,
      text(LEFT - 6, ys.at(y) + 4, short(y), "soft", "end"),
    ]),
    text((LEFT + RIGHT) / 2, HEIGHT - 12, xLabel, "soft", "middle"),
    `<g transform="translate(14 ${(TOP + BOTTOM) / 2}) rotate(-90)">`,
    text(0, 0, yLabel, "soft", "middle"),
    "</g>",
    ...lines.flatMap(({ name, points, beyond }, i) => {
      const polyline = (some: readonly Point[], classes = "") =>
        `<polyline class="line${classes} l${i}" points="${
          some.map(place).join(" ")
        }"/>`;
      const at = legend;
      legend += 34 + 6.4 * name.length;
      return [
        polyline(points),
        ...points.map(place).map(([x, y]) =>
          `<circle class="line l${i}" cx="${x}" cy="${y}" r="2"/>`
        ),
        ...(beyond === undefined
          ? []
          : [polyline([points.at(-1)!, beyond], " dash")]),
        `<path class="line l${i}" d="M${at} 44h16"/>`,
        text(at + 20, 48, name, "ink"),
      ];
    }),
  ].join("\n");
}

/** A logarithmic axis over whole decades. */
function axis(values: readonly number[], from: number, to: number) {
  const low = Math.floor(Math.log10(Math.min(...values)) + 1e-9);
  const high = Math.max(
    low + 1,
    Math.ceil(Math.log10(Math.max(...values)) - 1e-9),
  );
  return {
    decades: Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i)),
    at: (value: number) =>
      from + (to - from) * (Math.log10(value) - low) / (high - low),
  };
}

function text(
  x: number,
  y: number,
  content: string,
  classes: string,
  anchor = "start",
): string {
  const at = `x="${round(x)}" y="${round(y)}"`;
  return `<text ${at} class="${classes}" text-anchor="${anchor}">${
    escape(content)
  }</text>`;
}

/** `0.01`, `10`, `1 k`, `10 M`. */
function short(value: number): string {
  if (value >= 0.9999e6) return `${Math.round(value / 1e6)} M`;
  if (value >= 0.9999e3) return `${Math.round(value / 1e3)} k`;
  return String(Number(value.toPrecision(2)));
}

const round = (value: number) => Math.round(value * 10) / 10;

const escape = (content: string) =>
  content.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
