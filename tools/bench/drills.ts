import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { nativeRuntime } from '@provehouse/infra';
import { drills } from '@provehouse/verify';
import { z } from 'zod';
import { machine, row } from './measure.ts';

/**
 * Measures how long platforms take to recover from each drill: `node tools/bench/drills.ts [runs]`.
 * Those of ClickHouse run on servers, those of Airflow on the embedded engine.
 */
const runs = Number(process.argv[2] ?? 5);
const CLI = join(import.meta.dirname, '../../packages/verify/src/cli.ts');
const PLATFORMS = [
  { workload: 'writes', wish: { engine: 'server', without: ['airflow'] } },
  { workload: 'pipeline', wish: { engine: 'chdb' } },
] as const;

const resultsSchema = z.object({
  results: z.array(
    z.object({ drill: z.string(), status: z.string(), recoverySeconds: z.number().optional() }),
  ),
});

process.stdout.write(
  `${machine()}\n\n| drill | recovery: min | median | max | unit | time allowed | median ÷ time allowed | runs |\n|---|---|---|---|---|---|---|---|\n`,
);
for (const { workload, wish } of PLATFORMS) {
  const home = await mkdtemp(join(tmpdir(), 'provehouse-bench-'));
  const runtime = nativeRuntime({ home, name: 'bench' });
  try {
    const { clickhouse } = await runtime.up(wish);
    process.stderr.write(`ClickHouse ${clickhouse.version}: drills with ${workload}\n`);
    process.stdout.write(await measure(home, workload));
  } finally {
    await runtime.down({ purge: true });
    await rm(home, { recursive: true });
  }
}

/** The lines of the table for the drills with one kind of workload. */
async function measure(home: string, workload: 'writes' | 'pipeline'): Promise<string> {
  const measured = drills.filter((drill) => drill.workload === workload);
  const recoveries = new Map<string, number[]>();
  for (let seed = 1; seed <= runs; seed += 1) {
    const words = ['--home', home, '--name', 'bench', '--seed', String(seed), '--json'];
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [CLI, 'drill', ...measured.map(({ name }) => name), ...words],
      { maxBuffer: 64 * 1024 ** 2 },
    );
    const { results } = resultsSchema.parse(JSON.parse(stdout));
    for (const { drill, status, recoverySeconds } of results) {
      if (status === 'skipped') continue;
      if (recoverySeconds === undefined) throw new Error(`${drill} with seed ${seed}: ${status}`);
      recoveries.set(drill, [...(recoveries.get(drill) ?? []), recoverySeconds]);
    }
    process.stderr.write(`seed ${seed} is done\n`);
  }
  return measured
    .flatMap(({ name, recoverySeconds }) => {
      const values = recoveries.get(name);
      return values === undefined ? [] : [row(`\`${name}\``, values, 's', recoverySeconds)];
    })
    .map((line) => `${line}\n`)
    .join('');
}
