import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSecrets } from '@provehouse/secrets';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { COMPONENTS } from '../components/index.ts';
import { silent } from '../runtime.ts';
import { stateFolder } from '../state/state-folder.ts';
import { renderContainers } from './render-containers.ts';

let home: string;
let output: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'provehouse-render-'));
  output = join(home, 'mine');
  // Without images that were built on this machine.
  vi.stubEnv('PROVEHOUSE_CACHE', home);
  onTestFinished(() => void vi.unstubAllEnvs());
  onTestFinished(() => rm(home, { recursive: true }));
});

const render = (options = {}) =>
  renderContainers({ descriptors: COMPONENTS, home, name: 'local', options, output });

test('nobody else can read what is rendered, and the variables hold no secret', async () => {
  const { config, variables } = await render({ consumers: ['metabase'] });
  expect((await stat(config)).mode & 0o777).toBe(0o700);
  const entries = await readdir(config, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  expect(files.length).toBeGreaterThan(20);
  for (const { parentPath, name } of files) {
    expect((await stat(join(parentPath, name))).mode & 0o777, name).toBe(0o600);
  }
  const text = await readFile(variables, 'utf8');
  const secrets = await readSecrets(stateFolder(home, 'local').secretsFile);
  for (const value of Object.values(secrets).filter(({ length }) => length >= 12)) {
    expect(text).not.toContain(value);
  }
  expect(JSON.parse(text)).toMatchObject({ config_folder: config, storage_type: 'local_ssd' });
});

test('whether there is Airflow is left to whoever runs Terraform', async () => {
  const { config, variables } = await render();
  expect(JSON.parse(await readFile(variables, 'utf8'))).not.toHaveProperty('enable_airflow');
  expect(await readdir(join(config, 'airflow'))).toContain('environment.json');
});

test('it can be repeated with other options, and says for which storage it is', async () => {
  await render();
  const { config } = await render({ storage: 's3_ssd' });
  expect(await readFile(join(config, 'rendered.json'), 'utf8')).toContain('s3_ssd');
  expect(await readdir(config)).toContain('minio');
});

test("modules are rendered for Terraform, too, and the API's products stay those of the first time", async () => {
  vi.useFakeTimers({ now: new Date('2026-05-04T12:34:56Z'), toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
  const { config, variables } = await render({ with: ['kafka', 'api'] });
  const origin = await readFile(join(config, 'api/origin.json'), 'utf8');
  expect(await readdir(join(config, 'kafka'))).toContain('server.properties');
  expect(JSON.parse(await readFile(variables, 'utf8'))).toMatchObject({
    modules: ['kafka', 'api'],
  });
  vi.setSystemTime(new Date('2026-06-04T12:00:00Z'));
  await render({ with: ['kafka', 'api'] });
  expect(await readFile(join(config, 'api/origin.json'), 'utf8')).toBe(origin);
});

test("where this machine's images were built here, Grafana is left out, which is said", async () => {
  const prometheus = { reference: 'provehouse/standin-prometheus:1', standIn: 'a stand-in' };
  const statsd_exporter = { reference: 'provehouse/standin-statsd-exporter:1', standIn: 'another' };
  await writeFile(join(home, 'images.json'), JSON.stringify({ prometheus, statsd_exporter }));
  // An engine that has none.
  await writeFile(join(home, 'docker'), '#!/bin/sh\n', { mode: 0o755 });
  vi.stubEnv('PATH', `${home}:${process.env['PATH']}`);
  const messages: string[] = [];
  const progress = { ...silent, message: (text: string) => void messages.push(text) };
  const { config, variables } = await render({ with: ['monitoring'], progress });
  expect(JSON.parse(await readFile(variables, 'utf8'))).toMatchObject({ enable_grafana: false });
  expect(await readdir(config)).not.toContain('grafana');
  expect(messages.join('\n')).toMatch(/^grafana is left out: .*built here.*\.$/m);
  // What has a stand-in is not asked for.
  expect(await readdir(join(config, 'prometheus'))).toContain('statsd-mapping.yml');
  const chosen = { with: ['monitoring'], images: { grafana: 'own/grafana:1' } };
  const { config: again, variables: own } = await render(chosen);
  expect(await readdir(again)).toContain('grafana');
  expect(JSON.parse(await readFile(own, 'utf8'))).toMatchObject({
    images: { grafana: 'own/grafana:1' },
  });
});

test('a folder that was not rendered is left as it is', async () => {
  await mkdir(join(output, 'config'), { recursive: true });
  await writeFile(join(output, 'config/mine.txt'), 'mine');
  await expect(render()).rejects.toThrow(/absent or rendered before, found another folder/);
  expect(await readFile(join(output, 'config/mine.txt'), 'utf8')).toBe('mine');
});
