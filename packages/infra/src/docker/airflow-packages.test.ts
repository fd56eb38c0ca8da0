import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { refuseWithoutPackages, whyNoMetrics } from './airflow-packages.ts';

/** Puts a client in front of Docker's, which notes what it is asked and ends as the script says. */
async function answerAsDocker(script: string): Promise<() => Promise<string>> {
  const folder = await mkdtemp(join(tmpdir(), 'provehouse-test-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  onTestFinished(() => void vi.unstubAllEnvs());
  const text = `#!/bin/sh\necho "$*" >> '${folder}/asked'\n${script}`;
  await writeFile(join(folder, 'docker'), text, { mode: 0o755 });
  vi.stubEnv('PATH', `${folder}${delimiter}${process.env['PATH'] ?? ''}`);
  return () => readFile(join(folder, 'asked'), 'utf8').catch(() => '');
}

test("an image that somebody chose is asked for Kafka's packages, and refused without them", async () => {
  const asked = await answerAsDocker(
    `echo 'PackageNotFoundError: No package metadata was found' >&2; exit 1`,
  );
  await expect(refuseWithoutPackages('own/airflow:1', ['kafka'])).rejects.toThrow(
    /--with kafka: expected Airflow's image own\/airflow:1 with the Python package .*, found: PackageNotFoundError: .*--with none/,
  );
  expect(await asked()).toMatch(/^run --rm --network none .*own\/airflow:1 -c .*apache-kafka$/m);
});

test('an image with them is taken, and one that needs none or was built here is not asked', async () => {
  const asked = await answerAsDocker('echo 1.0');
  await refuseWithoutPackages('own/airflow:1', ['storage', 'api']);
  await refuseWithoutPackages(undefined, ['kafka']);
  expect(await asked()).toBe('');
  await refuseWithoutPackages('own/airflow:1', ['kafka']);
  expect(await asked()).not.toBe('');
});

test('an image that cannot send metrics is taken with monitoring, and why it is not scraped is said', async () => {
  const asked = await answerAsDocker(
    `echo 'PackageNotFoundError: No package metadata was found' >&2; exit 1`,
  );
  expect(await whyNoMetrics('own/airflow:1', ['monitoring'])).toMatch(
    /^expected Airflow's image own\/airflow:1 with the Python package statsd, .*found: PackageNotFoundError: .* the group monitoring /,
  );
  expect(await asked()).toMatch(/^run --rm --network none .*own\/airflow:1 -c .* statsd$/m);
});

test('nothing is said of one that can, and one that need not or was built here is not asked', async () => {
  const asked = await answerAsDocker('echo 4.0.1');
  expect(await whyNoMetrics('own/airflow:1', ['kafka'])).toBeUndefined();
  expect(await whyNoMetrics(undefined, ['monitoring'])).toBeUndefined();
  expect(await asked()).toBe('');
  expect(await whyNoMetrics('own/airflow:1', ['monitoring'])).toBeUndefined();
  expect(await asked()).not.toBe('');
});
