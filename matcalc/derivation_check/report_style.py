"""The look of a report in HTML: no script, nothing from outside, light and dark, on paper and on a narrow screen."""

STYLE = """
:root { color-scheme: light dark; --ground: #fdfdfb; --card: #fff; --ink: #1d2328; --soft: #5b6570; --rule: #d9dee3;
  --held: #1a7f4b; --wrong: #b3261e; --follows: #7a4db0; --undecided: #8a6100; --mark: #ffe1dc; --code: #f3f4f2; }
@media (prefers-color-scheme: dark) { :root { --ground: #15191d; --card: #1c2126; --ink: #e6e8ea; --soft: #9aa5b0; --rule: #353d45;
  --held: #5fcf95; --wrong: #ff8a80; --follows: #c9a7f5; --undecided: #e6bd5a; --mark: #5a2722; --code: #232a30; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 60rem; padding: 1.2rem; background: var(--ground); color: var(--ink);
  font: 16px/1.5 system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.35rem; margin: 0 0 .3rem; line-height: 1.3; } h2 { font-size: 1.05rem; margin: 1.6rem 0 .6rem; }
p { margin: .35rem 0; } a { color: inherit; }
.summary { color: var(--soft); margin-bottom: 1rem; }
.held { --tone: var(--held); } .wrong-link { --tone: var(--wrong); } .follows { --tone: var(--follows); }
.undecided { --tone: var(--undecided); }
.first { border: 2px solid var(--tone); border-radius: .5rem; padding: .8rem 1rem; background: var(--card); margin: 1rem 0; }
.first strong { color: var(--tone); }
ol.links { list-style: none; margin: 0; padding: 0; }
ol.links > li { background: var(--card); border: 1px solid var(--rule); border-left: .3rem solid var(--tone); border-radius: .35rem;
  margin: .5rem 0; padding: .5rem .9rem .6rem; break-inside: avoid; }
ol.links > li.held { display: flex; flex-wrap: wrap; align-items: center; column-gap: 1.4rem; padding-top: .25rem; padding-bottom: .25rem; }
li.held > .formula { min-width: 0; } li.held > dl { flex-basis: 100%; }
.head { display: flex; flex-wrap: wrap; gap: .2rem .8rem; align-items: baseline; font-size: .85rem; color: var(--soft); }
.verdict { color: var(--tone); font-weight: 600; font-size: .95rem; }
.formula { overflow-x: auto; overflow-y: hidden; padding: .35rem .1rem; line-height: 1.75; }
math { font-size: 1.12em; font-family: "Latin Modern Math", "STIX Two Math", "Cambria Math", math; }
mi.bold, mn.bold { font-weight: bold; } mi.sans, mn.sans { font-family: sans-serif; } mi.mono, mn.mono { font-family: monospace; }
mrow.wrong { background: var(--mark); border-bottom: 2px solid var(--wrong); }
mrow.boxed { border: 1px solid; padding: .15em; } mrow.cancelled { text-decoration: line-through; }
mrow.underbraced, mrow.underlined { border-bottom: 1px solid; padding-bottom: .1em; }
mrow.overbraced { border-top: 1px solid; padding-top: .1em; }
math svg { stroke-width: 1.3px; overflow: visible; }
mtable.aligned mtd:nth-child(odd) { text-align: right; } mtable.aligned mtd:nth-child(even), mtable.left mtd { text-align: left; }
pre, code { font: .82rem/1.45 ui-monospace, "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
pre { background: var(--code); border-radius: .3rem; margin: .3rem 0; padding: .4rem .6rem;
  white-space: pre-wrap; overflow-wrap: anywhere; }
mark { background: var(--mark); color: inherit; border-bottom: 2px solid var(--wrong); }
dl { display: grid; grid-template-columns: auto 1fr; gap: .1rem .9rem; margin: .4rem 0 0; align-items: baseline; }
dt { color: var(--soft); font-size: .85rem; } dd { margin: 0; min-width: 0; }
.kind { display: inline-block; border: 1px solid var(--rule); border-radius: 1rem; padding: 0 .55rem; margin-right: .3rem;
  font-size: .78rem; }
.inline math { font-size: 1.02em; } p { line-height: 1.6; }
.aside { color: var(--soft); font-size: .88rem; }
details { margin-top: 1.2rem; } summary { cursor: pointer; color: var(--soft); }
.wide { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-size: .92rem; background: var(--card); }
th, td { text-align: left; padding: .35rem .7rem; border-bottom: 1px solid var(--rule); vertical-align: baseline; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; } td.verdict { white-space: nowrap; }
section.report { margin-top: 2.5rem; border-top: 3px solid var(--rule); padding-top: 1rem; }
@media (max-width: 34rem) {
  body { padding: .7rem; font-size: 15px; } ol.links > li { padding: .4rem .6rem; } math { font-size: 1em; }
  dl { grid-template-columns: 1fr; gap: 0; } dt { margin-top: .4rem; } }
@media print { :root { color-scheme: light; --ground: #fff; --card: #fff; --ink: #000; --soft: #444; --rule: #bbb; --held: #1a7f4b;
    --wrong: #b3261e; --follows: #7a4db0; --undecided: #8a6100; --mark: #ffe1dc; --code: #f4f4f4; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  body { max-width: none; padding: 0; font-size: 10.5pt; } .formula { overflow: visible; } section.report { break-before: page; } }
"""
