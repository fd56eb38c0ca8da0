import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { $ } from 'zx';
import { LAUNCHER } from './engines/chdb.ts';
import { findPrograms } from './programs.ts';

const { python } = await findPrograms();

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'provehouse-config-'));
  await mkdir(join(folder, 'config.d'));
});
afterEach(() => rm(folder, { recursive: true }));

const put = (file: string, text: string): Promise<void> =>
  writeFile(join(folder, file), `<clickhouse>${text}</clickhouse>`);

/** What the launcher reads of `config.xml` and what is merged over it. */
async function read(): Promise<unknown> {
  const script = `import dataclasses, json, pathlib, sys
from node_config import read_node_config
config = dataclasses.asdict(read_node_config(pathlib.Path(sys.argv[1])))
print(json.dumps(config, default=str))`;
  const command = $({ quiet: true, env: { ...process.env, PYTHONPATH: LAUNCHER } });
  const { stdout } = await command`${python} -c ${script} ${join(folder, 'config.xml')}`;
  return JSON.parse(stdout);
}

const IMAGE = '<path>/data/</path><listen_host>0.0.0.0</listen_host>';
const COORDINATED = `<zookeeper><node><host>keeper</host></node></zookeeper>
  <distributed_ddl><path>/ddl</path><replicas_path>/replicas</replicas_path></distributed_ddl>
  <interserver_http_host>node</interserver_http_host>
  <interserver_http_port>9009</interserver_http_port>
  <interserver_http_credentials><user>peer</user><password>secret</password></interserver_http_credentials>`;

test('a node without coordination has no replication', async () => {
  await put('config.xml', IMAGE);
  expect(await read()).toEqual({ listen_hosts: ['0.0.0.0'], data: '/data', replication: null });
});

test('what is in config.d counts as if it were in the file', async () => {
  await put('config.xml', IMAGE);
  await put('config.d/provehouse.xml', COORDINATED);
  expect(await read()).toEqual({
    ...{ listen_hosts: ['0.0.0.0'], data: '/data' },
    replication: {
      interserver: { host: 'node', port: 9009, user: 'peer', password: 'secret' },
      ...{ ddl_queue: '/ddl', replicas_folder: '/replicas' },
    },
  });
});

test('of files that say the same the last one by name counts, as for the engine', async () => {
  await put('config.xml', IMAGE);
  await put('config.d/20.xml', '<path>/second/</path><listen_host>b</listen_host>');
  await put('config.d/10.xml', '<path>/first/</path>');
  expect(await read()).toMatchObject({ data: '/second', listen_hosts: ['b'] });
});

test('a file that is no XML is named in one line, and no node is started', async () => {
  await put('config.xml', IMAGE);
  await put('config.d/broken.xml', '<open>');
  const words = ['/no/library', '--config', join(folder, 'config.xml')];
  const { exitCode, stderr } = await $({
    quiet: true,
    nothrow: true,
  })`${python} ${LAUNCHER} ${words}`;
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/^\S+config\.d\/broken\.xml: expected XML, found mismatched tag.*\n$/);
});

test('an element that is missing is named', async () => {
  await put('config.xml', `${IMAGE}<zookeeper/>`);
  await expect(read()).rejects.toThrow(/expected the element <interserver_http_host>, found none/);
});
