import { subscribe } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { clusterChecks, runChecks, type Verdict } from '@provehouse/verify';
import { startOwnCluster } from '@provehouse/verify/own-cluster';
import { machine, summarize } from './measure.ts';
import { benchOptions } from './options.ts';

/**
 * Measures all ClickHouse checks side by side on a real cluster of 2 × 2 nodes, by its number of
 * rows: `node tools/bench/cluster-checks.ts [--runs 5]`. Bytes are all that the client received over
 * HTTP. One run before the measured ones, with nothing cached, is shown by itself.
 */
const { runs } = benchOptions('Measures all ClickHouse checks, by the number of rows.', {
  runs: 5,
});
const SIZES = [100, 1_000_000, 10_000_000];

const sockets = new Set<Socket>();
subscribe('http.client.response.finish', (message) => {
  sockets.add((message as { response: IncomingMessage }).response.socket);
});
const received = (): number => [...sockets].reduce((sum, { bytesRead }) => sum + bytesRead, 0);

interface Run {
  readonly seconds: number;
  readonly bytes: number;
  readonly verdicts: readonly Verdict[];
}

await using own = await startOwnCluster();
process.stdout.write(
  `${machine()}; ClickHouse ${own.deployment.clickhouse.version}; ${clusterChecks.length} checks, ${runs} runs\n\n` +
    '| rows | first | min | median | max | unit | ÷ 100 rows | KiB to the client | ÷ 100 rows |\n' +
    '|---|---|---|---|---|---|---|---|---|\n',
);
let base: { readonly seconds: number; readonly bytes: number } | undefined;
let last: readonly Run[] = [];
for (const rows of SIZES) {
  await own.load(rows);
  const first = await look(rows);
  const measured: Run[] = [];
  for (let run = 0; run < runs; run += 1) measured.push(await look(rows));
  const { minimum, median, maximum } = summarize(measured.map(({ seconds }) => seconds));
  const bytes = summarize(measured.map((run) => run.bytes)).median;
  base ??= { seconds: median, bytes };
  const times = [first.seconds, minimum, median, maximum].map((value) => value.toFixed(2));
  const ratio = (median / base.seconds).toFixed(1);
  const size = (bytes / 1024).toFixed(1);
  process.stdout.write(
    `| ${rows} | ${times.join(' | ')} | s | ${ratio} | ${size} | ${(bytes / base.bytes).toFixed(2)} |\n`,
  );
  last = measured;
}
process.stdout.write(`\nAt ${SIZES.at(-1)} rows, each while the others ran (median ms):\n`);
for (const [index, { check }] of last[0]?.verdicts.entries() ?? []) {
  const times = last.map(({ verdicts }) => verdicts[index]?.durationMs ?? NaN);
  process.stdout.write(`  ${check}: ${summarize(times).median.toFixed(0)}\n`);
}

/** Runs all checks once. @throws Error when one of them does not pass: that would be no measure */
async function look(rows: number): Promise<Run> {
  const bytesBefore = received();
  const begin = performance.now();
  const verdicts = await runChecks(clusterChecks, own.context(rows));
  const seconds = (performance.now() - begin) / 1000;
  const bad = verdicts.filter(({ status }) => status === 'failed' || status === 'inconclusive');
  if (bad.length > 0) {
    const said = bad.map(({ check, findings }) => `${check}: ${JSON.stringify(findings)}`);
    throw new Error(`checks of ${rows} undamaged rows should pass\n${said.join('\n')}`);
  }
  return { seconds, bytes: received() - bytesBefore, verdicts };
}
