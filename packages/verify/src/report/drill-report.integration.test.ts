import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readDeployment } from '@provehouse/infra';
import { InMemoryWriter, ReporterRuntime } from 'allure-js-commons/sdk/reporter';
import { Status } from 'allure-js-commons';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { drillsFolder, type DrillsFolder } from '../drills/drills-folder.ts';
import { killReplica } from '../drills/clickhouse/kill-replica.ts';
import { resultOf } from '../drills/drill-result.ts';
import { writeDrillResult } from './drill-allure.ts';
import { writeDrillReport } from './drill-report.ts';

const EXAMPLE = join(import.meta.dirname, '../../examples/external-deployment.json');
const account = { attempted: 9, acknowledged: 9, recovered: 8, lost: 1, unexpected: 0 };
const attempt = { node: 'clickhouse-01', batch: 0, start: 0, end: 1, accepted: true };
const lost = resultOf(killReplica, {
  findings: [
    { status: 'passed', subject: 'the fault', expected: 'ended', observed: 'ended' },
    {
      ...{ status: 'failed', subject: 'lost rows', expected: '0', observed: '1' },
      evidence: [{ title: 'Lost rows', columns: ['id'], rows: [['8']] }],
      sql: ['SELECT 8'],
    },
  ],
  ...{ startedAt: '2026-06-15T12:00:00Z', durationSeconds: 2.5 },
  ...{ account, baseline: { ...account, recovered: 9, lost: 0 } },
  timeline: { attempts: [attempt], tasks: [], moments: { injected: 0.5, lifted: 1 } },
});

let home: string;
let folder: DrillsFolder;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'provehouse-test-'));
  folder = drillsFolder({ home, name: 'local' });
});
afterEach(() => rm(home, { recursive: true }));

test('drills become one page, with the seed among what the platform was', async () => {
  const deployment = await readDeployment(EXAMPLE);
  const html = await readFile(await writeDrillReport(folder, deployment, 4711, [lost]), 'utf8');
  expect(html).toContain('allureReportData');
  const results = await readFile(join(folder.allureResults, 'provehouse-environment.json'), 'utf8');
  expect(JSON.parse(results)).toMatchObject({ Seed: '4711' });
});

test('a finding is a step, with the rows and the statement that show it', () => {
  const writer = new InMemoryWriter();
  writeDrillResult(new ReporterRuntime({ writer }), lost, 'dwh', undefined);
  const [test] = writer.tests;
  expect(test).toMatchObject({
    status: Status.FAILED,
    statusDetails: { message: 'lost rows: 1\nexpected 0' },
    steps: [{ status: Status.PASSED }, { status: Status.FAILED, name: 'lost rows: 1' }],
  });
  expect((test?.stop ?? 0) - (test?.start ?? 0)).toBe(2500);
  const [, step] = test?.steps ?? [];
  expect(step?.attachments.map(({ name }) => name)).toEqual(['Lost rows', 'SQL that asks again']);
});
