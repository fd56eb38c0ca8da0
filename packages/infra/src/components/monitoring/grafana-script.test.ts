import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { $ } from 'zx';

const SCRIPT = join(import.meta.dirname, '../../../terraform/modules/monitoring/grafana.sh');

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'provehouse-grafana-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, 'data'));
  await writeFile(join(folder, 'admin.password'), 'a ${HOME} password');
  await writeFile(join(folder, 'run.sh'), '#!/bin/sh\necho runs\n', { mode: 0o755 });
});

/** Runs the script with its absolute paths in the folder, beside a `grafana` that does so. */
async function run(
  grafana: string,
): Promise<{ stdout: string; stderr: string; exitCode: number | null }> {
  const text = await readFile(SCRIPT, 'utf8');
  const here = text
    .replace('/etc/provehouse/admin.password', join(folder, 'admin.password'))
    .replace('exec /run.sh', `exec ${join(folder, 'run.sh')}`);
  await writeFile(join(folder, 'grafana'), `#!/bin/sh\n${grafana}\n`, { mode: 0o755 });
  const env = {
    PATH: `${folder}:${process.env['PATH']}`,
    GF_PATHS_DATA: join(folder, 'data'),
  };
  return $({ quiet: true, nothrow: true, env })`sh -c ${here}`;
}

test('a first start leaves the password to Grafana', async () => {
  const { stdout, exitCode } = await run('echo asked');
  expect({ stdout, exitCode }).toEqual({ stdout: 'runs\n', exitCode: 0 });
});

test('a database that is there gets the password of the file, which is in no argument', async () => {
  await writeFile(join(folder, 'data/grafana.db'), '');
  const { stdout } = await run('echo "$*"; cat; echo');
  expect(stdout).toBe(
    'cli admin reset-admin-password --password-from-stdin\na ${HOME} password\nruns\n',
  );
});

test('Grafana runs where that fails, and says so', async () => {
  await writeFile(join(folder, 'data/grafana.db'), '');
  const { stdout, stderr } = await run('exit 1');
  expect(stdout).toBe('runs\n');
  expect(stderr).toContain('the one before is valid');
});
