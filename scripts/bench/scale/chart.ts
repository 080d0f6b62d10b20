/**
 * Charts with two logarithmic axes, as SVG that is read on light and on dark
 * pages: the drawing brings its own background, and both follow the reader's
 * color scheme.
 *
 * @module
 */

/** A line of a panel. */
export interface Line {
  readonly name: string;
  /** Pairs of x and y, both above 0. */
  readonly points: readonly (readonly [x: number, y: number])[];
  /** Continues the line, dashed: on paper, not measured. */
  readonly beyond?: readonly [x: number, y: number];
}

/** One pair of axes. */
export interface Panel {
  readonly title: string;
  /** With its unit. */
  readonly xLabel: string;
  readonly yLabel: string;
  readonly lines: readonly Line[];
}

const WIDTH = 360;
const HEIGHT = 330;
/** Room around the plot for labels. */
const ROOM = { left: 62, right: 24, top: 64, bottom: 50 };

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

/** The panels side by side; at most three lines each. */
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
  const all = lines.flatMap(({ points, beyond }) =>
    beyond === undefined ? points : [...points, beyond]
  );
  const left = ROOM.left, right = WIDTH - ROOM.right;
  const top = ROOM.top, bottom = HEIGHT - ROOM.bottom;
  const xs = axis(all.map(([x]) => x), left, right);
  const ys = axis(all.map(([, y]) => y), bottom, top);
  const middle = (left + right) / 2;
  const parts = [
    text(left, 22, title, "ink title"),
    ...xs.decades.flatMap((x) => [
      grid(xs.at(x), top, xs.at(x), bottom),
      text(xs.at(x), bottom + 16, short(x), "soft", "middle"),
    ]),
    ...ys.decades.flatMap((y) => [
      grid(left, ys.at(y), right, ys.at(y)),
      text(left - 6, ys.at(y) + 4, short(y), "soft", "end"),
    ]),
    text(middle, HEIGHT - 12, xLabel, "soft", "middle"),
    `<g transform="translate(14 ${(top + bottom) / 2}) rotate(-90)">${
      text(0, 0, yLabel, "soft", "middle")
    }</g>`,
  ];
  let legend = left;
  lines.forEach(({ name, points, beyond }, i) => {
    const path = (list: Line["points"]) =>
      list.map(([x, y]) => `${round(xs.at(x))},${round(ys.at(y))}`).join(" ");
    parts.push(
      `<polyline class="line l${i}" points="${path(points)}"/>`,
      ...points.map(([x, y]) =>
        `<circle class="line l${i}" cx="${round(xs.at(x))}" cy="${
          round(ys.at(y))
        }" r="2"/>`
      ),
    );
    const last = points.at(-1);
    if (beyond !== undefined && last !== undefined) {
      const dashed = path([last, beyond]);
      parts.push(`<polyline class="line dash l${i}" points="${dashed}"/>`);
    }
    parts.push(
      `<path class="line l${i}" d="M${legend} 44h16"/>`,
      text(legend + 20, 48, name, "ink"),
    );
    legend += 34 + 6.4 * name.length;
  });
  return parts.join("\n");
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
  return `<text x="${round(x)}" y="${
    round(y)
  }" class="${classes}" text-anchor="${anchor}">${escape(content)}</text>`;
}

function grid(x1: number, y1: number, x2: number, y2: number): string {
  return `<path class="grid" d="M${round(x1)} ${round(y1)}L${round(x2)} ${
    round(y2)
  }"/>`;
}

/** `0.01`, `10`, `1 k`, `10 M`. */
function short(value: number): string {
  if (value >= 0.9999e6) return `${Math.round(value / 1e6)} M`;
  if (value >= 0.9999e3) return `${Math.round(value / 1e3)} k`;
  return String(Number(value.toPrecision(2)));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escape(content: string): string {
  return content.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
}
