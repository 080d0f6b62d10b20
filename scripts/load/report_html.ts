/**
 * The report of a run as one HTML file that needs nothing else: it opens from
 * a disk without a network, in light and in dark. All texts are escaped by the
 * template; a policy in the page forbids whatever would load or run.
 *
 * @module
 */

import { html, raw } from "hono/html";
import { histogram, lineChart, type Markup } from "./charts.ts";
import type { LatencyFigures } from "./recorder.ts";
import type { LoadReport } from "./report.ts";
import { STYLE } from "./report_style.ts";
import { readable } from "./scale.ts";

const KIND_NAMES = {
  pay: "payment",
  bad: "wrong code",
  repeat: "order again",
  query: "question",
  reverse: "reversal",
} as const;

/** The page. */
export async function reportHtml(report: LoadReport): Promise<string> {
  const { settings, checks, run, startedAt } = report;
  const failing = checks.filter((it) => !it.holds).length;
  const edges = [
    ...report.slices.slice(0, 1).map((it) => it.fromSeconds),
    ...report.slices.map((it) => it.toSeconds),
  ];
  const values = <K extends "p50" | "p99">(name: K) =>
    report.slices.map((it) => it[name]);
  const page = await html`
    <!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="Content-Security-Policy"
          content="default-src 'none'; style-src 'unsafe-inline'">
        <meta name="color-scheme" content="light dark">
        <title>Offcode under load, ${run}</title>
        <style>${raw(STYLE)}</style>
      </head>
      <body>
        <header>
          <p class="quiet">Offcode under load · run ${run}</p>
          <h1>${settings.origin}</h1>
          <p
            class="quiet">${startedAt.replace("T", " ").slice(
              0,
              19,
            )} UTC · ${readable(settings.wallets)} wallets, ${settings
              .tills} tills of ${settings.merchants} merchants · ${readable(
                settings.rate,
              )} requests a second for ${readable(
                settings.seconds,
              )} s, ${settings.spacing}</p>
          <p
            class="verdict ${failing === 0 ? "good" : "bad"}"><b>${failing === 0
              ? "✓"
              : "✗"}</b> ${failing === 0
              ? `All ${checks.length} checks hold`
              : `${failing} of ${checks.length} checks fail`}${report.endedEarly
              ? " · ended early, by hand"
              : ""}</p>
        </header>
        <section class="tiles">${tiles(report)}</section>
        <section>
      <h2>Answers a second</h2>
      ${legend([
        { look: "a", name: "answered" },
        { look: "plan", name: "should have left" },
      ])}
      ${lineChart({
        label: "Answers a second over time",
        unit: "a second",
        edges,
        series: [
          {
            name: "should have left",
            look: "plan",
            values: report.slices.map((it) => it.intendedPerSecond),
          },
          {
            name: "answered",
            look: "a",
            values: report.slices.map((it) => it.answeredPerSecond),
          },
        ],
      })}
        </section>
        <section>
      <h2>Latency over time</h2>
      ${legend([{ look: "a", name: "p50" }, { look: "b", name: "p99" }])}
      ${lineChart({
        label: "Latency over time, p50 and p99",
        unit: "ms",
        edges,
        series: [
          { name: "p50", look: "a", values: values("p50") },
          { name: "p99", look: "b", values: values("p99") },
        ],
      })}
      <p class="quiet">From the moment at which a request should have left, not from when it did: who had to queue behind a slow answer counts too.</p>
        </section>
        <section>
      <h2>How long requests took</h2>
      ${histogram("Histogram of latency", report.bars, [
        { name: "p50", ms: report.latencyMs.p50 },
        { name: "p99", ms: report.latencyMs.p99 },
      ])}
      <div class="scroll">${percentiles(report)}</div>
        </section>
        <section>
          <h2>Answers</h2>
          <div class="scroll">${answers(report)}</div>
        </section>
        <section>
      <h2>Checks</h2>
      ${checks.map(({ name, holds, found, examples }) =>
        html`
          <div
            class="check ${holds ? "good" : "bad"}"><p><b>${holds
              ? "✓"
              : "✗"} ${name}.</b> ${found}</p>${examples.length === 0
              ? ""
              : html`<ul>${
                examples.map((it) => html`<li>${it}</li>`)
              }</ul>`}</div>
        `
      )}
        </section>
        <section class="columns">
          <div><h2>Settings</h2>${pairs(settingsOf(report))}</div>
          <div><h2>Machine that sent</h2>${pairs(machineOf(report))}</div>
        </section>
        <section>
          <details>
            <summary>All slices of time</summary>
            <div class="scroll">${slices(report)}</div>
          </details>
        </section>
      </body>
    </html>
  `;
  return `${page}`;
}

function tiles({ requests, latencyMs, settings, answers }: LoadReport): Markup {
  const paid = answers.filter((it) => it.kind === "pay" && it.asExpected)
    .reduce((sum, it) => sum + it.count, 0);
  const unexpected = requests.ended === 0
    ? 0
    : requests.unexpected / requests.ended * 100;
  const all = [
    [
      readable(requests.perSecond),
      "answers a second",
      `${readable(settings.rate)} intended`,
    ],
    [readable(paid), "payments", `of ${readable(requests.ended)} requests`],
    [`${readable(latencyMs.p50)} ms`, "p50", "half were faster"],
    [
      `${readable(latencyMs.p99)} ms`,
      "p99",
      `longest ${readable(latencyMs.max)} ms`,
    ],
    [
      `${readable(unexpected)} %`,
      "not as expected",
      requests.skipped === 0
        ? `${readable(requests.unexpected)} answers`
        : `and ${readable(requests.skipped)} not sent`,
    ],
  ];
  return html`${
    all.map(([value, name, more]) =>
      html`<div><b>${value}</b><span>${name}</span><small>${more}</small></div>`
    )
  }`;
}

function legend(
  entries: readonly { readonly look: string; readonly name: string }[],
): Markup {
  return html`<p class="legend">${
    entries.map(({ look, name }) =>
      html`<span><i class="${look}"></i>${name}</span>`
    )
  }</p>`;
}

function percentiles({ latencyMs, serviceMs }: LoadReport): Markup {
  const names = ["p50", "p90", "p99", "p999", "max", "mean"] as const;
  const row = (name: string, figures: LatencyFigures) =>
    html`<tr><th>${name}</th>${
      names.map((it) => html`<td>${readable(figures[it])}</td>`)
    }</tr>`;
  return html`
    <table>
      <thead>
        <tr>
          <th>ms</th>
          <td>p50</td>
          <td>p90</td>
          <td>p99</td>
          <td>p99.9</td>
          <td>longest</td>
          <td>mean</td>
        </tr>
      </thead>
      <tbody>${row("since it should have left", latencyMs)}${row(
        "since it left",
        serviceMs,
      )}</tbody>
    </table>
  `;
}

function answers({ answers, requests }: LoadReport): Markup {
  return html`
    <table>
      <thead>
        <tr>
          <th>request</th>
          <th>answer</th>
          <td>number</td>
          <td>share</td>
          <th></th>
        </tr>
      </thead>
      <tbody>${answers.map(({ kind, answer, asExpected, count }) =>
        html`
          <tr class="${asExpected ? "" : "odd"}">
            <th>${KIND_NAMES[kind]}</th>
            <th>${answer}</th>
            <td>${readable(count)}</td>
            <td>${(count / requests.ended * 100).toFixed(2)} %</td>
            <th>${asExpected ? "" : "not as expected"}</th>
          </tr>
        `
      )}</tbody>
    </table>
  `;
}

function slices({ slices }: LoadReport): Markup {
  return html`
    <table>
      <thead>
        <tr>
          <th>seconds</th>
          <td>should have left, a second</td>
          <td>answered, a second</td>
          <td>p50 ms</td>
          <td>p99 ms</td>
          <td>not as expected</td>
        </tr>
      </thead>
      <tbody>${slices.map((it) =>
        html`
          <tr>
            <th>${readable(it.fromSeconds)} to ${readable(it.toSeconds)}</th>
            <td>${readable(it.intendedPerSecond)}</td>
            <td>${readable(it.answeredPerSecond)}</td>
            <td>${readable(it.p50)}</td>
            <td>${readable(it.p99)}</td>
            <td>${readable(it.unexpected)}</td>
          </tr>
        `
      )}</tbody>
    </table>
  `;
}

function settingsOf({ settings, enrolSeconds, seconds }: LoadReport) {
  const { shares } = settings;
  const percent = (part: number) => `${readable(part * 100)} %`;
  return [
    ["server", settings.origin],
    ["wallets", readable(settings.wallets)],
    ["enrolled in", `${readable(enrolSeconds)} s`],
    ["tills", `${settings.tills}`],
    ["merchants", `${settings.merchants}`],
    ["rate", `${readable(settings.rate)} a second, ${settings.spacing}`],
    ["time", `${readable(seconds)} of ${readable(settings.seconds)} s`],
    ["wrong codes", percent(shares.bad)],
    ["orders again", percent(shares.repeat)],
    ["questions", percent(shares.query)],
    ["reversals", percent(shares.reverse)],
    ["an answer may take", `${readable(settings.timeoutSeconds)} s`],
  ] as const;
}

function machineOf({ machine }: LoadReport) {
  return [
    ["processor", machine.cpu],
    ["cores", `${machine.cores}`],
    ["memory", `${machine.memoryGb} GB`],
    ["system", machine.system],
    ["Deno", machine.deno],
  ] as const;
}

function pairs(all: readonly (readonly [string, string])[]): Markup {
  return html`<dl>${
    all.map(([name, value]) =>
      html`
        <dt>${name}</dt>
        <dd>${value}</dd>
      `
    )
  }</dl>`;
}
