import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { nativeRuntime } from '@provehouse/infra';
import { drills } from '@provehouse/verify';
import { z } from 'zod';
import { machine, row } from './measure.ts';
import { benchOptions } from './options.ts';

/** Measures how long a platform takes to recover from each drill: `node tools/bench/drills.ts [--runs 5]`. */
const { runs } = benchOptions('Measures how long a platform takes to recover.', { runs: 5 });
const CLI = join(import.meta.dirname, '../../packages/verify/src/cli.ts');
const MAX_OUTPUT_BYTES = 64 * 1024 ** 2;

const resultsSchema = z.object({
  results: z.array(
    z.object({ drill: z.string(), status: z.string(), recoverySeconds: z.number().optional() }),
  ),
});

const home = await mkdtemp(join(tmpdir(), 'provehouse-bench-'));
const runtime = nativeRuntime({ home, name: 'bench' });
try {
  const { clickhouse } = await runtime.up();
  process.stderr.write(`ClickHouse ${clickhouse.version}\n`);
  const recoveries = await measure();
  const lines = drills.flatMap(({ name, recoverySeconds }) => {
    const values = recoveries.get(name);
    return values === undefined ? [] : [row(`\`${name}\``, values, 's', recoverySeconds)];
  });
  const heading =
    '| drill | recovery: min | median | max | unit | time allowed | median ÷ time allowed | runs |\n|---|---|---|---|---|---|---|---|';
  process.stdout.write(`${[machine(), '', heading, ...lines].join('\n')}\n`);
} finally {
  await runtime.down({ purge: true });
  await rm(home, { recursive: true });
}

/** The seconds that the platform took with each seed, by drill. @throws Error for a drill that did not recover */
async function measure(): Promise<ReadonlyMap<string, readonly number[]>> {
  const recoveries = new Map<string, number[]>();
  for (let seed = 1; seed <= runs; seed += 1) {
    const words = ['--all', '--home', home, '--name', 'bench', '--seed', String(seed), '--json'];
    const { stdout } = await promisify(execFile)(process.execPath, [CLI, 'drill', ...words], {
      maxBuffer: MAX_OUTPUT_BYTES,
    });
    const { results } = resultsSchema.parse(JSON.parse(stdout));
    for (const { drill, status, recoverySeconds } of results) {
      if (status === 'skipped') continue;
      if (recoverySeconds === undefined) throw new Error(`${drill} with seed ${seed}: ${status}`);
      recoveries.set(drill, [...(recoveries.get(drill) ?? []), recoverySeconds]);
    }
    process.stderr.write(`seed ${seed} is done\n`);
  }
  return recoveries;
}
