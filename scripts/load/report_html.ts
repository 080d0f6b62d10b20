/**
 * The report of a run as one HTML file that needs nothing else: it opens from
 * a disk without a network, in light and in dark. All texts are escaped by the
 * template; a policy in the page forbids whatever would load or run.
 *
 * @module
 */

// Under another name, because the formatter would reflow what is tagged `html`.
import { html as markup, raw } from "hono/html";
import { histogram, lineChart, type Markup } from "./charts.ts";
import type { LoadReport } from "./report.ts";
import { STYLE } from "./report_style.ts";
import {
  answersTable,
  machinePairs,
  percentilesTable,
  settingsPairs,
  slicesTable,
  tiles,
} from "./report_tables.ts";
import { readable } from "./scale.ts";

const POLICY = "default-src 'none'; style-src 'unsafe-inline'";

/** The page. */
export async function reportHtml(report: LoadReport): Promise<string> {
  const page = await markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${raw(POLICY)}">
<meta name="color-scheme" content="light dark">
<title>Offcode under load, ${report.run}</title>
<style>${raw(STYLE)}</style>
</head>
<body>
${header(report)}
<section class="tiles">${tiles(report)}</section>
${section("Answers a second", throughput(report))}
${section("Latency over time", latency(report))}
${section("How long requests took", distribution(report))}
${section("Answers", answersTable(report))}
${section("Checks", checks(report))}
<section class="columns">
<div><h2>Settings</h2>${settingsPairs(report)}</div>
<div><h2>Machine that sent</h2>${machinePairs(report)}</div>
</section>
<section><details><summary>All slices of time</summary>${
    slicesTable(report)
  }</details></section>
</body>
</html>
`;
  return `${page}`;
}

function section(title: string, content: Markup): Markup {
  return markup`<section><h2>${title}</h2>${content}</section>`;
}

function header(report: LoadReport): Markup {
  const { settings, run, startedAt, endedEarly } = report;
  const failing = report.checks.filter((it) => !it.holds).length;
  const count = report.checks.length;
  const verdict = failing === 0
    ? `All ${count} checks hold`
    : `${failing} of ${count} checks fail`;
  const about = [
    `${startedAt.replace("T", " ").slice(0, 19)} UTC`,
    `${
      readable(settings.wallets)
    } wallets, ${settings.tills} tills of ${settings.merchants} merchants`,
    `${readable(settings.rate)} requests a second for ${
      readable(settings.seconds)
    } s, ${settings.spacing}`,
  ];
  return markup`<header>
<p class="quiet">Offcode under load · run ${run}</p>
<h1>${settings.origin}</h1>
<p class="quiet">${about.join(" · ")}</p>
<p class="verdict ${failing === 0 ? "good" : "bad"}">${
    failing === 0 ? "✓" : "✗"
  } ${verdict}${endedEarly ? " · ended early, by hand" : ""}</p>
</header>`;
}

/** Where the slices begin, and where the last one ends. */
function edgesOf({ slices }: LoadReport): number[] {
  return [
    ...slices.slice(0, 1).map((it) => it.fromSeconds),
    ...slices.map((it) => it.toSeconds),
  ];
}

function throughput(report: LoadReport): Markup {
  const { slices } = report;
  return markup`${
    legend([
      { look: "a", name: "answered" },
      { look: "plan", name: "should have left" },
    ])
  }${
    lineChart({
      label: "Answers a second over time",
      unit: "a second",
      edges: edgesOf(report),
      hasGaps: false,
      series: [
        {
          name: "should have left",
          look: "plan",
          values: slices.map((it) => it.intendedPerSecond),
        },
        {
          name: "answered",
          look: "a",
          values: slices.map((it) => it.answeredPerSecond),
        },
      ],
    })
  }`;
}

function latency(report: LoadReport): Markup {
  const { slices } = report;
  return markup`${
    legend([{ look: "a", name: "p50" }, { look: "b", name: "p99" }])
  }${
    lineChart({
      label: "Latency over time, p50 and p99",
      unit: "ms",
      edges: edgesOf(report),
      hasGaps: true,
      series: [
        { name: "p50", look: "a", values: slices.map((it) => it.p50) },
        { name: "p99", look: "b", values: slices.map((it) => it.p99) },
      ],
    })
  }<p class="quiet">From the moment at which a request should have left, not from when it did: who had to queue behind a slow answer counts too.</p>`;
}

function distribution(report: LoadReport): Markup {
  const { bars, latencyMs } = report;
  return markup`${
    histogram("Histogram of latency", bars, [
      { name: "p50", ms: latencyMs.p50 },
      { name: "p99", ms: latencyMs.p99 },
    ])
  }${
    percentilesTable(report)
  }<p class="quiet">Where the two rows part by more than a millisecond or two, which is what timers are late by, requests queued at the tills.</p>`;
}

function checks({ checks }: LoadReport): Markup {
  return markup`${
    checks.map(({ name, holds, found, examples }) =>
      markup`<div class="check ${holds ? "good" : "bad"}"><p><b>${
        holds ? "✓" : "✗"
      } ${name}.</b> ${found}</p>${
        examples.length === 0
          ? ""
          : markup`<ul>${examples.map((it) => markup`<li>${it}</li>`)}</ul>`
      }</div>`
    )
  }`;
}

function legend(
  entries: readonly { readonly look: string; readonly name: string }[],
): Markup {
  return markup`<p class="legend">${
    entries.map(({ look, name }) =>
      markup`<span><i class="${look}"></i>${name}</span>`
    )
  }</p>`;
}
