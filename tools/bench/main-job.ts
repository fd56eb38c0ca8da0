import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { HEADING, machine, row, seconds } from './measure.ts';
import { benchOptions } from './options.ts';

/**
 * Measures the main job as a newcomer has it: `node tools/bench/main-job.ts [--runs 5]`. Each run clones
 * the committed state into an empty folder; the caches of npm, uv and Airflow's database are warm.
 */
const { runs } = benchOptions('Measures `npm start` from an empty clone.', { runs: 5 });
const workspace = join(import.meta.dirname, '../..');
const execute = promisify(execFile);
const OUTPUT_LIMIT = 64 * 1024 ** 2;

const starts: number[] = [];
const verifications: number[] = [];
for (let run = 0; run < runs; run += 1) {
  const folder = await mkdtemp(join(tmpdir(), 'provehouse-bench-'));
  const clone = join(folder, 'provehouse');
  const options = { cwd: clone, maxBuffer: OUTPUT_LIMIT };
  try {
    await execute('git', ['clone', '--quiet', workspace, clone]);
    starts.push(...(await seconds(1, () => execute('npm', ['start'], options))));
    const verify = ['packages/verify/src/cli.ts', 'e2e'];
    verifications.push(...(await seconds(1, () => execute(process.execPath, verify, options))));
  } finally {
    await execute('npm', ['stop', '--', '--purge'], options);
    await rm(folder, { recursive: true });
  }
  process.stderr.write(
    `${run + 1}: ${starts.at(-1)?.toFixed(1)} s, ${verifications.at(-1)?.toFixed(1)} s\n`,
  );
}
process.stdout.write(`${machine()}\n\n${HEADING}
${row('`npm start` from an empty clone, warm package caches', starts, 's', 60)}
${row('`verify:e2e` on a running platform', verifications, 's', 8)}
`);
