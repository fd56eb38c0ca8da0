import {
  clusterChecks,
  parseContract,
  runChecks,
  type Contract,
  type Verdict,
} from '@provehouse/verify';
import { startOwnCluster } from '@provehouse/verify/own-cluster';
import { machine, summarize } from './measure.ts';
import { benchOptions } from './options.ts';

/**
 * Measures twenty rules against one, on the same rows of a real cluster of 2 × 2 nodes:
 * `node tools/bench/rules.ts [--rows 1000000] [--runs 5]`. One and twenty take turns, so that whatever else the
 * machine does slows both. Goals: twenty take at most twice the time of one with 10 million rows; all
 * checks with twenty take at most 2.5 s with 5 million rows.
 */
const { rows, runs } = benchOptions('Measures twenty rules beside one.', {
  rows: 1_000_000,
  runs: 5,
});

const TWENTY = [
  '{ rule: range, column: price, min: 10.00, max: 1000.00 }',
  '{ rule: sequence, column: id, from: 1, to: $rows }',
  '{ rule: set, column: category, values: [Electronics, Books, Clothing, Home, Sports] }',
  '{ rule: period, column: created_at, days: 365, until: $as_of }',
  '{ rule: range, column: id, min: 1, max: $rows }',
  '{ rule: range, column: price, max: 900.00, warn: 100% }',
  '{ rule: notNull, column: id }',
  '{ rule: notNull, column: name }',
  '{ rule: notNull, column: category }',
  '{ rule: notNull, column: price }',
  '{ rule: notNull, column: created_at }',
  '{ rule: length, column: name, min: 9, max: 20 }',
  '{ rule: length, column: category, min: 4, max: 11 }',
  '{ rule: rowCount, min: $rows, max: $rows }',
  "{ rule: rowCount, min: 1, where: category = 'Books' }",
  '{ rule: aggregate, function: sum, column: price, min: 1 }',
  '{ rule: aggregate, function: average, column: price, min: 10, max: 1000 }',
  '{ rule: aggregate, function: distinct, column: category, min: 5, max: 5 }',
  '{ rule: freshness, column: created_at, within: 5000 weeks }',
  "{ rule: range, column: price, min: 10, where: category = 'Home' }",
];

const contractWith = (rules: readonly string[]): Contract =>
  parseContract(
    `version: 2
tables:
  - name: hw16_demo_products_local
    kind: table
    columns: { id: UInt32, name: String, category: String, price: 'Decimal(10, 2)', created_at: DateTime }
    orderBy: id
    partitionBy: toYYYYMM(created_at)
    rules:
${rules.map((rule) => `      - ${rule}`).join('\n')}
  - name: hw16_demo_products
    kind: distributed
    over: hw16_demo_products_local
    rows: $rows
    shardingKey: cityHash64(id)
    spread: {}
`,
    'rules.ts',
  );

await using own = await startOwnCluster();
await own.load(rows);
const contracts = { one: contractWith(TWENTY.slice(0, 1)), twenty: contractWith(TWENTY) };
const valueRules = clusterChecks.filter(({ name }) => name === 'value-rules');
process.stdout.write(
  `${machine()}; ClickHouse ${own.deployment.clickhouse.version}; ${rows} rows, ${runs} runs\n\n` +
    '| seconds | 1 rule | 20 rules | 20 ÷ 1 |\n|---|---|---|---|\n',
);
await compare('value-rules alone', valueRules);
await compare(`all ${clusterChecks.length} checks`, clusterChecks);

/** Runs checks with one and with twenty rules in turn, once before anything is measured. */
async function compare(what: string, checks: typeof clusterChecks): Promise<void> {
  const seconds: Record<keyof typeof contracts, number[]> = { one: [], twenty: [] };
  for (let run = 0; run <= runs; run += 1) {
    for (const name of ['one', 'twenty'] as const) {
      const taken = await timed(checks, contracts[name]);
      if (run > 0) seconds[name].push(taken);
    }
  }
  const [one, twenty] = [summarize(seconds.one), summarize(seconds.twenty)];
  const cell = ({ minimum, median, maximum }: typeof one): string =>
    `${median.toFixed(2)} (${minimum.toFixed(2)} … ${maximum.toFixed(2)})`;
  const ratio = (twenty.median / one.median).toFixed(2);
  process.stdout.write(`| ${what} | ${cell(one)} | ${cell(twenty)} | ${ratio} |\n`);
}

/** How long checks take. @throws Error when one does not pass: that would be no measure */
async function timed(checks: typeof clusterChecks, contract: Contract): Promise<number> {
  const begin = performance.now();
  const verdicts = await runChecks(checks, { ...own.context(rows), contract });
  const seconds = (performance.now() - begin) / 1000;
  const bad = verdicts.filter(isBad);
  if (bad.length > 0) throw new Error(`undamaged rows should pass\n${JSON.stringify(bad)}`);
  return seconds;
}

function isBad({ status }: Verdict): boolean {
  return status === 'failed' || status === 'inconclusive';
}
