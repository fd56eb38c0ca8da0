import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { silent } from '../runtime.ts';
import { unavailableImages, type ImageQuestion } from './unavailable-images.ts';

/** Puts a client in front of Docker's, which notes what it is asked and answers as the script says. */
async function answerAsDocker(script: string): Promise<() => Promise<string[]>> {
  const folder = await mkdtemp(join(tmpdir(), 'provehouse-test-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  onTestFinished(() => void vi.unstubAllEnvs());
  const text = `#!/bin/sh\necho "$*" >> '${folder}/asked'\n${script}`;
  await writeFile(join(folder, 'docker'), text, { mode: 0o755 });
  vi.stubEnv('PATH', `${folder}${delimiter}${process.env['PATH'] ?? ''}`);
  return async () => (await readFile(join(folder, 'asked'), 'utf8')).trim().split('\n');
}

const REFUSES = `test "$1" = image || { echo 'Error response from daemon:' >&2; echo 'no such host.' >&2; exit 1; }`;

const ask = (changes: Partial<ImageQuestion> = {}) =>
  unavailableImages({
    ...{ names: ['grafana'], chosen: {}, standIns: false, progress: silent },
    ...changes,
  });

test('an image that the engine has is not asked for in a registry', async () => {
  const asked = await answerAsDocker('echo 0123456789ab');
  expect(await ask()).toEqual({});
  expect(await ask({ standIns: true })).toEqual({});
  expect(await asked()).toHaveLength(2);
});

test('one that it has not is pulled, and nothing else is asked for', async () => {
  const asked = await answerAsDocker('true');
  const messages: string[] = [];
  const progress = { ...silent, message: (text: string) => void messages.push(text) };
  expect(await ask({ progress })).toEqual({});
  expect(await asked()).toEqual([
    expect.stringMatching(/^image ls --quiet grafana\/grafana:/),
    expect.stringMatching(/^pull grafana\/grafana:\S+ --quiet$/),
  ]);
  expect(messages).toEqual([expect.stringMatching(/^Pulling grafana\/grafana:\S+\.$/)]);
});

test('one that cannot be pulled is said with the reason and what to do', async () => {
  await answerAsDocker(REFUSES);
  expect(await ask()).toEqual({
    grafana: expect.stringMatching(
      /^docker pull grafana\/grafana:\S+ failed: Error response from daemon: no such host\. Name .*--image grafana=REFERENCE$/,
    ),
  });
});

test('where the other images were built here no registry is asked', async () => {
  const asked = await answerAsDocker(REFUSES);
  expect(await ask({ standIns: true })).toEqual({
    grafana: expect.stringMatching(/built here.*docker load.*--image grafana=REFERENCE/),
  });
  expect(await asked()).toEqual([expect.stringMatching(/^image ls/)]);
});

test('one that somebody chose is pulled in any case, and an error where it cannot be had', async () => {
  await answerAsDocker(REFUSES);
  const chosen = { grafana: 'registry.example:5000/grafana:1' };
  for (const standIns of [true, false]) {
    await expect(ask({ chosen, standIns })).rejects.toThrow(
      '--image grafana: docker pull registry.example:5000/grafana:1 failed: Error response from daemon: no such host.',
    );
  }
});
