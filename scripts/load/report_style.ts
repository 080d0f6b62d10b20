/**
 * The look of the HTML report: one column that prints well, colors in one place
 * for light and for dark.
 *
 * @module
 */

/** The style sheet. */
export const STYLE = `
:root {
  --ground: #f6f7f9; --card: #ffffff; --rule: #e2e5ea; --text: #14181f;
  --quiet: #5b6472; --a: #2458d3; --b: #c2560b; --plan: #97a0ae;
  --good: #14713d; --good-ground: #e6f4ec; --bad: #b3261e; --bad-ground: #fceceb;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #0f1216; --card: #171b21; --rule: #2a3038; --text: #e8ebef;
    --quiet: #98a2b0; --a: #7aa5ff; --b: #f0964e; --plan: #6b7480;
    --good: #6fd19a; --good-ground: #14281d; --bad: #ff8a80; --bad-ground: #331a19;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 2.5rem 1.25rem 4rem; max-width: 56rem;
  background: var(--ground); color: var(--text);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
  font-variant-numeric: tabular-nums;
}
h1 { margin: .1rem 0 .3rem; font-size: 1.6rem; letter-spacing: -.01em; overflow-wrap: anywhere; }
h2 { margin: 0 0 .6rem; font-size: 1rem; }
p { margin: .3rem 0; }
.quiet { color: var(--quiet); font-size: .9rem; }
section {
  margin-top: 1.1rem; padding: 1.1rem 1.25rem; border: 1px solid var(--rule);
  border-radius: 10px; background: var(--card); break-inside: avoid;
}
.verdict { display: inline-block; margin-top: .8rem; padding: .35rem .8rem; border-radius: 99px; font-weight: 600; }
.verdict.good { color: var(--good); background: var(--good-ground); }
.verdict.bad { color: var(--bad); background: var(--bad-ground); }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: 1rem; }
.tiles b { display: block; font-size: 1.55rem; line-height: 1.2; letter-spacing: -.02em; white-space: nowrap; }
.tiles span { display: block; }
.tiles small { color: var(--quiet); }
.legend { display: flex; gap: 1.2rem; font-size: .85rem; color: var(--quiet); }
.legend i { display: inline-block; width: 1.1rem; height: 0; margin-right: .4rem; vertical-align: middle; border-top: 2px solid; }
.legend i.plan { border-top-style: dashed; }
i.a { color: var(--a); } i.b { color: var(--b); } i.plan { color: var(--plan); }
svg { display: block; width: 100%; min-width: 34rem; height: auto; }
.grid { stroke: var(--rule); }
.tick, .mark-name { fill: var(--quiet); font-size: 11px; }
.line { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
.line.a { stroke: var(--a); } .line.b { stroke: var(--b); }
.line.plan { stroke: var(--plan); stroke-dasharray: 4 5; stroke-width: 1.5; }
.dot { stroke: var(--card); stroke-width: 2; }
.dot.a { fill: var(--a); } .dot.b { fill: var(--b); } .dot.plan { fill: var(--plan); }
.bar { fill: var(--a); }
.mark { stroke: var(--text); stroke-width: 1; stroke-dasharray: 2 3; }
.mark-name { fill: var(--text); font-weight: 600; paint-order: stroke; stroke: var(--card); stroke-width: 3px; }
.at rect { fill: transparent; }
.at .dot { opacity: 0; }
.at:hover rect { fill: var(--text); opacity: .06; }
.at:hover .dot { opacity: 1; }
.scroll { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-size: .9rem; }
th, td { padding: .35rem .8rem .35rem 0; border-bottom: 1px solid var(--rule); text-align: right; white-space: nowrap; }
th { text-align: left; font-weight: 400; }
thead th, thead td { color: var(--quiet); font-size: .82rem; }
tbody tr:last-child > * { border-bottom: 0; }
tr.odd > * { color: var(--bad); }
.check { margin: .5rem 0; padding-left: .8rem; border-left: 3px solid var(--good); }
.check.bad { border-color: var(--bad); }
.check.good b { color: var(--good); } .check.bad b { color: var(--bad); }
.check ul { margin: .3rem 0; padding-left: 1.2rem; font-size: .88rem; overflow-wrap: anywhere; }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(16rem, 1fr)); gap: 1.5rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1.2rem; margin: 0; font-size: .9rem; }
dt { color: var(--quiet); }
dd { margin: 0; overflow-wrap: anywhere; }
summary { cursor: pointer; font-weight: 600; }
details table { margin-top: .8rem; }
@media print { body { background: none; } section { border-color: #ccc; } }
`;
