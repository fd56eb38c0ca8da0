import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { nativeRuntime } from '@provehouse/infra';
import { z } from 'zod';
import { machine, summarize } from './measure.ts';

/**
 * Measures how long a platform of servers takes to recover from each drill:
 * `node tools/bench/drills.ts [runs]`.
 */
const runs = Number(process.argv[2] ?? 5);
const CLI = join(import.meta.dirname, '../../packages/verify/src/cli.ts');

const resultsSchema = z.object({
  results: z.array(
    z.object({ drill: z.string(), status: z.string(), recoverySeconds: z.number().optional() }),
  ),
});

const home = await mkdtemp(join(tmpdir(), 'provehouse-bench-'));
const runtime = nativeRuntime({ home, name: 'bench' });
const recoveries = new Map<string, number[]>();
try {
  const { clickhouse } = await runtime.up({ engine: 'server', without: ['airflow'] });
  for (let seed = 1; seed <= runs; seed += 1) {
    const words = ['drill', '--all', '--home', home, '--name', 'bench', '--json'];
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [CLI, ...words, '--seed', String(seed)],
      { maxBuffer: 64 * 1024 ** 2 },
    );
    for (const { drill, status, recoverySeconds } of resultsSchema.parse(JSON.parse(stdout))
      .results) {
      if (status === 'skipped') continue;
      if (recoverySeconds === undefined) throw new Error(`${drill} with seed ${seed}: ${status}`);
      recoveries.set(drill, [...(recoveries.get(drill) ?? []), recoverySeconds]);
    }
    process.stderr.write(`seed ${seed} is done\n`);
  }
  const lines = [...recoveries].map(([drill, values]) => {
    const { minimum, median, maximum } = summarize(values);
    const figures = [minimum, median, maximum].map((value) => value.toFixed(1)).join(' | ');
    return `| \`${drill}\` | ${figures} | ${values.length} |`;
  });
  process.stdout.write(
    `${machine()}; ClickHouse ${clickhouse.version}\n\n` +
      `| drill | recovery: min | median | max (s) | runs |\n|---|---|---|---|---|\n${lines.join('\n')}\n`,
  );
} finally {
  await runtime.down({ purge: true });
  await rm(home, { recursive: true });
}
