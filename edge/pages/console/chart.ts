/// <reference lib="dom" />
/**
 * A chart of the last hour. It draws on a canvas, which a screen reader cannot read, so
 * tables and tiles show the same numbers.
 *
 * @module
 */

import type { ComponentChild } from "preact";
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import { html } from "../shared/view.ts";
import { NOTHING } from "./format.ts";
import type { ChartPoint } from "./watch.ts";

/** A line of a chart. */
export interface Line {
  /** The key of the value in a point. */
  readonly key: string;
  readonly name: string;
  /** The custom property (CSS) with the colour. */
  readonly color: string;
  /** Dashed, so that lines differ by more than their colour. */
  readonly dash?: readonly number[];
}

const HEIGHT_PX = 150;

const cssColor = (name: string) =>
  getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/**
 * A colour in a form that a canvas accepts. A canvas does not know `light-dark()`, so
 * an element with this colour computes it.
 */
function canvasColor(host: HTMLElement, name: string): string {
  host.style.setProperty("color", cssColor(name));
  const { color } = getComputedStyle(host);
  host.style.removeProperty("color");
  return color;
}

/** Makes the chart of these lines in `host`. */
function draw(
  host: HTMLElement,
  lines: readonly Line[],
  text: (value: number) => string,
  tag: string,
): uPlot {
  const time = new Intl.DateTimeFormat(tag, {
    ...{ hour: "2-digit", minute: "2-digit", second: "2-digit" },
    hourCycle: "h23",
  });
  const axis: uPlot.Axis = {
    stroke: () => canvasColor(host, "--soft"),
    grid: { stroke: () => canvasColor(host, "--sheet") },
    ticks: { stroke: () => canvasColor(host, "--sheet") },
    font: "14px system-ui",
  };
  return new uPlot(
    {
      width: host.clientWidth,
      height: HEIGHT_PX,
      legend: { show: false },
      cursor: { show: false },
      scales: { y: { range: (_, __, max) => [0, max > 0 ? max * 1.1 : 1] } },
      axes: [
        {
          ...axis,
          space: 110,
          values: (_, splits) => splits.map((it) => time.format(it * 1_000)),
        },
        {
          ...axis,
          // The axis is as wide as its longest text.
          size: (_, values) =>
            24 + 8 * Math.max(4, ...(values ?? []).map((it) => it.length)),
          values: (_, splits) => splits.map(text),
        },
      ],
      series: [
        {},
        ...lines.map(({ name, color, dash }) => ({
          label: name,
          width: 2,
          points: { show: false },
          stroke: () => canvasColor(host, color),
          ...(dash !== undefined && { dash: [...dash] }),
        })),
      ],
    },
    [[], ...lines.map(() => [])] as uPlot.AlignedData,
    host,
  );
}

/** A chart with its title, its lines and their latest values. */
export function Chart(
  { title, lines, points, text, tag }: {
    title: string;
    lines: readonly Line[];
    points: readonly ChartPoint[];
    /** A value with its unit. */
    text: (value: number) => string;
    tag: string;
  },
): ComponentChild {
  const host = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  useEffect(() => {
    const element = host.current!;
    const made = chart.current = draw(element, lines, text, tag);
    const sizes = new ResizeObserver(() =>
      made.setSize({ width: element.clientWidth, height: HEIGHT_PX })
    );
    sizes.observe(element);
    return () => {
      sizes.disconnect();
      made.destroy();
    };
  }, [tag]);
  useEffect(() => {
    chart.current?.setData([
      points.map(({ at }) => at),
      ...lines.map(({ key }) =>
        points.map(({ values }) => values[key] ?? null)
      ),
    ] as uPlot.AlignedData);
  }, [points, tag]);
  const last = points.at(-1)?.values ?? {};
  const lineText = ({ key, name, color, dash }: Line) => {
    const value = last[key];
    return html`
      <li>
        <span
          class=${dash === undefined ? "stroke" : "stroke dashed"}
          style=${{ borderColor: `var(${color})` }}
        ></span>
        ${name}: <strong>${value === undefined ? NOTHING : text(value)}</strong>
      </li>
    `;
  };
  return html`
    <figure>
      <figcaption>
        <h3>${title}</h3>
        <ul class="lines">${lines.map(lineText)}</ul>
      </figcaption>
      <div ref=${host} class="chart" aria-hidden="true"></div>
    </figure>
  `;
}
