import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { imaginaryTarget } from '../../test/drill-target.ts';
import type { WritesDrill } from './drill.ts';
import { runDrill, type DrillOptions } from './run-drill.ts';
import { stopReplica } from './clickhouse/stop-replica.ts';
import { UndoError } from './undo.ts';

let folder: string;
let options: DrillOptions;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'provehouse-test-'));
  options = {
    ...{ seed: 7, journal: { file: join(folder, 'journal.json') } },
    ...{ signal: new AbortController().signal, onPhase: () => undefined },
  };
});
afterEach(() => rm(folder, { recursive: true }));

test('a drill that the platform cannot run is skipped with the reason, and nothing is touched', async () => {
  const { target, done } = imaginaryTarget();
  const drill: WritesDrill = { ...stopReplica, unavailable: () => Promise.resolve('no root') };
  const { status, findings } = await runDrill(drill, target, options);
  expect(status).toBe('skipped');
  expect(findings).toMatchObject([{ reason: 'no root' }]);
  expect(done).toEqual([]);
});

test('a drill with tables of its own is skipped on a Replicated database, with the reason', async () => {
  const { target, done } = imaginaryTarget();
  const { clickhouse } = target.deployment;
  const capabilities = { ...clickhouse.capabilities, replicatedDatabase: true };
  const deployment = { ...target.deployment, clickhouse: { ...clickhouse, capabilities } };
  const { status, findings } = await runDrill(stopReplica, { ...target, deployment }, options);
  expect(status).toBe('skipped');
  expect(findings).toMatchObject([{ reason: expect.stringContaining('--database-engine atomic') }]);
  expect(done).toEqual([]);
});

test('a platform that is not well is not broken further', async () => {
  const { target, done } = imaginaryTarget(['clickhouse-02']);
  const { status, findings } = await runDrill(stopReplica, target, options);
  expect(status).toBe('inconclusive');
  expect(findings).toMatchObject([{ observed: 'clickhouse-02 stopped' }]);
  expect(done).toEqual([]);
});

test('a platform that could not be put right is an error, even when the drill was interrupted', async () => {
  const { target } = imaginaryTarget();
  const interrupted = { ...options, signal: AbortSignal.abort(new Error('interrupted')) };
  await expect(runDrill(stopReplica, target, interrupted)).rejects.toThrow(UndoError);
});
