import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { bytesOf, containersOf } from './containers.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'provehouse-test-'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

/** Puts a client in front of Docker's, which does what the script says. */
async function answerAsDocker(script: string): Promise<void> {
  await writeFile(join(folder, 'docker'), `#!/bin/sh\ncd '${folder}'\n${script}`, { mode: 0o755 });
  vi.stubEnv('PATH', `${folder}${delimiter}${process.env['PATH'] ?? ''}`);
}

const described = JSON.stringify([
  {
    ...{ Id: 'kept', Name: '/provehouse-demo-redis', RestartCount: 0 },
    State: { Status: 'running', ExitCode: 0, StartedAt: '2026-01-01T00:00:00Z', Pid: 7 },
    Config: { Labels: { 'org.provehouse.component': 'redis', 'org.provehouse.kind': 'redis' } },
    HostConfig: { RestartPolicy: { Name: 'unless-stopped' } },
    NetworkSettings: {},
  },
]);

test('a container that is removed while the others are described is left out', async () => {
  await answerAsDocker(`case "$*" in
    ps*) printf 'kept\\ngone\\n' ;;
    *) echo '${described}'; echo 'Error: No such container: gone' >&2; exit 1 ;;
  esac`);
  expect((await containersOf('demo')).map(({ id }) => id)).toEqual(['kept']);
});

test('an engine that refuses to describe containers is not taken for one that has none', async () => {
  await answerAsDocker(`case "$*" in
    ps*) echo kept ;;
    *) echo '[]'; echo 'permission denied' >&2; exit 1 ;;
  esac`);
  await expect(containersOf('demo')).rejects.toThrow('permission denied');
});

test('amounts of docker stats are bytes', () => {
  expect(bytesOf('220.5MiB')).toBe(231_211_008);
  expect(bytesOf('1.5GiB')).toBe(1_610_612_736);
  expect(bytesOf('512B')).toBe(512);
});

test('what is no amount is nothing', () => {
  expect(bytesOf('--')).toBe(0);
});
