import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { provideAirflowMetrics, sentMetrics, unscrapedOf } from './airflow-metrics.ts';

const PROGRAM = '/cache/statsd_exporter-0.31.0-0123/statsd_exporter';
const python = '/nowhere/bin/python';
const ports = { statsd: 19125 };

test('where there is neither the program nor a Go, the platform does without and says why', async () => {
  const cache = await mkdtemp(join(tmpdir(), 'provehouse-cache-'));
  onTestFinished(() => rm(cache, { recursive: true }));
  vi.stubEnv('PATH', '/nowhere');
  onTestFinished(() => void vi.unstubAllEnvs());
  const said: string[] = [];
  const message = (text: string): void => void said.push(text);
  expect(await provideAirflowMetrics({ airflow: true, python, cache, message })).toEqual([]);
  expect(said).toEqual([
    expect.stringMatching(
      /^Starting without Airflow's own metrics; .*Expected Go 1\.25\.0 or newer on PATH, to build statsd_exporter/,
    ),
  ]);
});

test('a platform without Airflow needs none of it', async () => {
  const message = (text: string): void => expect.fail(text);
  const none = { airflow: false, python, cache: '/nowhere', message };
  expect(await provideAirflowMetrics(none)).toEqual([]);
});

test('Airflow sends its metrics only where the platform has who takes them', () => {
  const settings = { AIRFLOW__METRICS__STATSD_ON: 'True', AIRFLOW__METRICS__STATSD_PORT: '19125' };
  const modules = { monitoring: ['prometheus', PROGRAM] };
  expect(sentMetrics({ modules, ports }, '127.0.0.1')).toMatchObject(settings);
  expect(sentMetrics({ modules: { monitoring: ['prometheus'] }, ports }, '127.0.0.1')).toEqual({});
  expect(sentMetrics({ modules: {}, ports }, '127.0.0.1')).toEqual({});
});

test('only a platform with Airflow and without the program says what it does not see', () => {
  const without = { monitoring: ['prometheus', '/cache/agent.jar'] };
  expect(unscrapedOf({ airflow: true, modules: without })).toMatchObject([{ job: 'airflow' }]);
  expect(unscrapedOf({ airflow: false, modules: without })).toEqual([]);
  expect(unscrapedOf({ airflow: true, modules: { monitoring: [PROGRAM] } })).toEqual([]);
});
