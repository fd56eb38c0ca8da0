/** The styles of the first page, for elements within the class `provehouse` alone; light and dark. */
export const STYLE = `
.provehouse { --text: #1c2127; --quiet: #5b6570; --line: #d5d9de; --code: #f5f6f8; --link: #1d4ed8;
  --passed: #e9f7ee; --failed: #fde8e8; --warned: #fdf1dd; --skipped: #f1f2f4;
  font: 15px/1.45 system-ui, sans-serif; max-width: 1040px; margin: 2rem auto; padding: 0 1rem; color: var(--text);
  & h1 { font-size: 1.7rem; font-weight: 700; margin: 0 0 .4rem } & h2 { font-size: 1.2rem; font-weight: 700; margin: 2rem 0 .5rem } & h3 { font-size: 1rem; font-weight: 700; margin: 1.1rem 0 .3rem }
  & .said { font-size: 1.15rem; margin: .2rem 0 } & .quiet, & small, & dt { color: var(--quiet) } & p { margin: .35rem 0 } & a { color: var(--link) }
  & b { font-weight: 700 } & small { font-size: .86em } & ul { padding-left: 1.4rem; list-style: disc }
  & .badge { font-size: .75em; font-weight: 600; padding: .1em .5em; border-radius: .3em; color: #fff; background: #6b7280 }
  & .badge.passed { background: #15803d } & .badge.failed { background: #b91c1c } & .badge.warned, & .badge.inconclusive { background: #b45309 }
  & .cards, & .topology { display: flex; flex-wrap: wrap; gap: .8rem; margin: .8rem 0 }
  & .card { flex: 1 1 14rem; padding: .6rem .9rem; border: 1px solid var(--line); border-radius: .5rem }
  & .shard { flex: 1 1 12rem; max-width: 24rem; border: 1px dashed var(--line); border-radius: .5rem; padding: .4rem .6rem } & .shard p { color: var(--quiet); margin: 0 0 .3rem }
  & .node { border: 1px solid var(--line); border-radius: .4rem; padding: .4rem .6rem; margin: .3rem 0; overflow-wrap: anywhere }
  & :is(td, .node, .card).passed { background: var(--passed) } & :is(td, .node, .card).failed { background: var(--failed); border-color: #b91c1c }
  & :is(td, .node, .card):is(.warned, .inconclusive) { background: var(--warned) } & :is(td, .node, .card).skipped { background: var(--skipped) }
  & .wide { overflow-x: auto } & table { border-collapse: collapse; margin: .6rem 0; font-size: .92em } & td, & th { border: 1px solid var(--line); padding: .25rem .6rem; text-align: left; vertical-align: top; font-weight: 400 }
  & .rows td { text-align: right; font-variant-numeric: tabular-nums }
  & details, & .verdict { border-top: 1px solid var(--line); padding: .3rem 0; margin: 0 } & summary { cursor: pointer }
  & .finding { margin: .5rem 0 .5rem 1.2rem } & dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem .8rem; margin: .3rem 0 } & dd { margin: 0; overflow-wrap: anywhere }
  & pre { background: var(--code); padding: .5rem .7rem; margin: .4rem 0; overflow-x: auto; white-space: pre-wrap; font: .88em/1.45 ui-monospace, monospace }
  @media (prefers-color-scheme: dark) { --text: #e4e7ea; --quiet: #9aa4af; --line: #3a4047; --code: #1e2226; --link: #8ab4f8; --passed: #10301c; --failed: #3f1515; --warned: #3b2a0c; --skipped: #23272b }
}
`;
