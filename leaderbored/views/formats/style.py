"""How pages of HTML look: light and dark, on paper, on a telephone; contrasts of AA and better."""

STYLE = """
:root { color-scheme: light dark; --paper: #ffffff; --ink: #1b1b1b; --quiet: #575757;
  --line: #d0d0d0; --tint: #f4f5f7; --link: #0b4f9c; --warning: #7a4b00; }
@media (prefers-color-scheme: dark) { :root { --paper: #15181c; --ink: #e9e9e9; --quiet: #b4b4b4;
  --line: #3c4148; --tint: #1e2329; --link: #93c0f9; --warning: #f0c060; } }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0 auto; padding: 1.5rem 1.25rem 4rem; max-width: 62rem; background: var(--paper);
  color: var(--ink); font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
  overflow-wrap: break-word; }
header .of { margin: 0; color: var(--quiet); }
h1 { margin: .2rem 0 1rem; font-size: 1.55rem; line-height: 1.3; font-weight: 650; }
h1.long { font-size: 1.15rem; font-weight: 550; line-height: 1.45; }
h2 { margin: 2.4rem 0 .6rem; font-size: 1.15rem; border-bottom: 1px solid var(--line);
  padding-bottom: .25rem; }
p { margin: .6rem 0; max-width: 46rem; }
.quiet, figcaption, footer { color: var(--quiet); }
.warning { color: var(--warning); }
.said { font-weight: 600; }
section + section { margin-top: 2rem; }
a { color: var(--link); }
a:focus-visible, [tabindex]:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
.skip { position: absolute; left: -999rem; }
.skip:focus { position: static; }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: 0; padding: 0;
  list-style: none; font-size: .93rem; }
figure { margin: 1.5rem 0; }
figure img { display: block; max-width: 100%; height: auto; background: #ffffff; border-radius: 4px;
  padding: .5rem; }
figcaption { margin-top: .4rem; font-size: .93rem; max-width: 46rem; }
.table { overflow-x: auto; margin: .9rem 0; }
table { border-collapse: collapse; font-size: .93rem; font-variant-numeric: tabular-nums; }
th, td { padding: .28rem .75rem .28rem 0; text-align: left; vertical-align: top; }
thead th { border-bottom: 1px solid var(--line); font-weight: 600; vertical-align: bottom;
  color: var(--quiet); }
tbody th { font-weight: 400; }
tbody tr + tr > * { border-top: 1px solid var(--tint); }
.n { text-align: right; }
td.n { white-space: nowrap; }
pre { margin: .9rem 0; padding: .8rem 1rem; background: var(--tint); border-radius: 4px;
  overflow-x: auto; white-space: pre-wrap; overflow-wrap: anywhere; font-size: .88rem; }
footer { margin-top: 3rem; font-size: .9rem; }
@media (max-width: 34rem) { body { padding: 1rem .9rem 3rem; } h1 { font-size: 1.3rem; }
  figure img { padding: 0; width: 100%; } }
@media print { :root { --paper: #ffffff; --ink: #000000; --quiet: #444444; --line: #999999;
  --tint: #f2f2f2; --link: #000000; --warning: #5a3800; }
  body { max-width: none; padding: 0; font-size: 10pt; } nav, .skip { display: none; }
  figure, tr, h2, pre { break-inside: avoid; } h2 { break-after: avoid; }
  .table { overflow: visible; } @page { margin: 18mm 16mm; } }
"""
