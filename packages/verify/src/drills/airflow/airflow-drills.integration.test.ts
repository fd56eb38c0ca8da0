import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startDrillPlatform, type DrillPlatform } from '../../../test/drill-platform.ts';
import { proof } from '../component-state.ts';
import type { Drill } from '../drill.ts';
import { drills } from '../index.ts';
import { Baselines } from '../baselines.ts';
import { runDrill } from '../run-drill.ts';

let own: DrillPlatform;
let folder: string;
beforeAll(async () => {
  own = await startDrillPlatform();
  folder = await mkdtemp(join(tmpdir(), 'provehouse-drills-'));
});
afterAll(async () => {
  await own?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** The drills of a run share the run without a fault. */
const baselines = new Baselines();
const run = (drill: Drill) =>
  runDrill(drill, own.target, {
    ...{ seed: 5, baselines },
    journal: { file: join(folder, 'journal.json') },
    signal: new AbortController().signal,
    onPhase: () => undefined,
  });

const ofPipelines = drills.filter(({ workload }) => workload === 'pipeline');

test.each(ofPipelines.map((drill) => [drill.name, drill] as const))(
  '%s: the run ends right, and the rows are exact',
  async (_, drill) => {
    const { status, findings, account } = await run(drill);
    // A component that ended by itself is reported as a warning.
    const wrong = findings.filter((finding) => !['passed', 'warned'].includes(finding.status));
    expect(wrong).toEqual([]);
    expect(['passed', 'warned']).toContain(status);
    expect(account).toMatchObject({ lost: 0, unexpected: 0, recovered: account?.attempted });
  },
  300_000,
);

test('rows that change behind the run’s back are reported', async () => {
  const [drill] = ofPipelines;
  if (drill === undefined || drill.workload !== 'pipeline') throw new TypeError('there is none');
  const { findings, status, account } = await run({
    ...drill,
    fault: () =>
      Promise.resolve({
        undo: [],
        inject: () => Promise.resolve(),
        prove: () => Promise.resolve(proof(true, 'nothing', 'nothing')),
        recovered: async () => {
          await own.cluster
            .node('clickhouse-01')
            .command(
              'ALTER TABLE otus_default.hw16_demo_products_local DELETE WHERE id % 1000 = 1 SETTINGS mutations_sync = 1',
            );
          return [];
        },
      }),
  });
  expect(status).toBe('failed');
  expect(account?.lost).toBeGreaterThan(0);
  expect(findings.filter((finding) => finding.status === 'failed')).toMatchObject([
    { subject: 'rows after the run' },
  ]);
}, 300_000);
