import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { $ } from 'zx';
import { ask } from '../../test/ask.ts';
import { temporaryPlatform } from '../../test/temporary-platform.ts';
import { renderNodeConfig } from '../clickhouse/config.ts';
import { createTopology } from '../clickhouse/topology.ts';
import { LAUNCHER } from './engines/chdb.ts';
import { embeddedLibrary } from './engines/provided-library.ts';
import { findPrograms } from './programs.ts';

const { python } = await findPrograms();
const library = embeddedLibrary();

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'provehouse-node-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** A launcher whose table of builds was edited. */
async function launcherWith(edit: (table: string) => string): Promise<string> {
  const launcher = join(folder, 'embedded_node');
  await cp(LAUNCHER, launcher, { recursive: true });
  const table = join(launcher, 'builds.json');
  const text = await readFile(table, 'utf8');
  const edited = edit(text);
  expect(edited).not.toBe(text);
  await writeFile(table, edited);
  return launcher;
}

const examine = async (launcher: string, file = library): Promise<unknown> =>
  JSON.parse((await $({ quiet: true })`${python} ${launcher} ${file} --examine`).stdout);

test('the library that is installed is a build that can be wired', async () => {
  expect(await examine(LAUNCHER)).toEqual({ version: '26.7.2.1' });
});

test.each([
  ['build id', /"build_id": "d3d8/, '"build_id": "d3d9', /build d3d8f551.* is not in the table/],
  ['checksum', /"sha256": "36ad/, '"sha256": "36ae', /its SHA-256 is 36ad4e99/],
  ['processor', /"machine": "x86_64"/, '"machine": "riscv64"', /known for riscv64, not for x86_64/],
  [
    'byte at a place',
    /"bytes": "41565348/,
    '"bytes": "41565349',
    /expected 41565349\S* at 0x1417c9c0 \(interserver_address\).*found 41565348/,
  ],
])('another %s than in the table is named in one line', async (_, pattern, other, reason) => {
  const launcher = await launcherWith((text) => text.replace(pattern, other));
  const answer = await examine(launcher);
  expect(answer).toEqual({ reason: expect.stringMatching(reason) });
  expect(JSON.stringify(answer)).not.toContain('\\n');
});

test('a file that is no library is named as such', async () => {
  const file = join(folder, 'libchdb.so');
  await writeFile(file, 'text');
  expect(await examine(LAUNCHER, file)).toEqual({
    reason: expect.stringContaining('not a 64-bit ELF file'),
  });
});

test('a node is not started, and nothing is written, when one place differs in memory', async () => {
  const launcher = await launcherWith((text) =>
    // The last of the places that are compared.
    text.replace('"4156534883ec184989fe4885ff743f31"', '"4156534883ec184989fe4885ff743f32"'),
  );
  const topology = createTopology({ shards: 1, replicas: 1 });
  const nodes = topology.nodes.map((node) => ({
    ...{ ...node, host: '127.0.0.1', httpPort: 1, nativePort: 2 },
  }));
  const [node] = nodes;
  const config = join(folder, 'config.xml');
  await writeFile(
    config,
    renderNodeConfig({
      ...{ topology, nodes, node: node!, internalReplication: true },
      clusterLogin: { secret: 'secret' },
      standalone: {
        ...{ listenHosts: ['127.0.0.1', '127.0.1.1'], dataFolder: join(folder, 'data') },
        ...{ logFile: join(folder, 'log'), usersFile: join(folder, 'users.xml') },
      },
      coordination: {
        servers: [{ host: '127.0.0.1', port: 3 }],
        interserver: { host: '127.0.1.1', port: 1, user: 'user', password: 'password' },
      },
    }),
  );
  const program = `
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from build_table import UnknownBuildError, known_builds
from engine import load
from memory import Memory
from node_config import read_node_config
from wiring import wire_replication
library = Path(sys.argv[2])
load(library)
places = known_builds()[0].places
memory = Memory(library)
before = {name: memory.read(memory.address(place), 64) for name, place in places.items()}
try:
    wire_replication(library, read_node_config(Path(sys.argv[3])), 1)
except UnknownBuildError as error:
    print(error)
after = {name: memory.read(memory.address(place), 64) for name, place in places.items()}
print("unchanged" if before == after else "changed")
`;
  const { stdout } = await $({
    quiet: true,
  })`${python} -c ${program} ${launcher} ${library} ${config}`;
  expect(stdout.trim().split('\n')).toEqual([
    expect.stringMatching(/\(operator_new\) in memory, found 4156534883ec184989fe4885ff743f31/),
    'unchanged',
  ]);
  const words = [launcher, library, '--config', config, '--http-port', '1', '--tcp-port', '2'];
  const started = await $({ quiet: true, nothrow: true })`${python} ${words}`;
  expect(started.exitCode).toBe(1);
  expect(started.stderr).toMatch(/^The embedded engine cannot replicate: expected .*\n$/);
});

/** A native login with a password that is wrong, and its answer (https://clickhouse.com/docs/native-protocol/client). */
async function wrongNativeLogin(port: number): Promise<void> {
  const text = (value: string): Buffer =>
    Buffer.concat([Buffer.from([value.length]), Buffer.from(value)]);
  const socket = connect({ port, host: '127.0.0.1' });
  await once(socket, 'connect');
  const version = [24, 1, 0xa0, 0xa8, 0x03];
  socket.write(
    Buffer.concat([
      Buffer.from([0]),
      text('test'),
      Buffer.from(version),
      ...['', 'su', 'wrong'].map(text),
    ]),
  );
  const [answer] = (await once(socket, 'data')) as [Buffer];
  // 2 is the packet of an exception.
  expect(answer[0]).toBe(2);
  socket.destroy();
}

/** A connection that is reset in the middle of its handshake. */
async function resetHandshake(port: number): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1' });
  await once(socket, 'connect');
  socket.write(Buffer.from([0, 3, 0x61, 0x62, 0x63]));
  socket.resetAndDestroy();
  await once(socket, 'close');
}

test('a node survives refused native logins, reset handshakes and readers that leave early', async () => {
  await using platform = await temporaryPlatform();
  const { clickhouse } = await platform.runtime.up({ without: ['airflow'] });
  const pids = async () => (await platform.runtime.status()).map(({ name, pid }) => [name, pid]);
  const before = await pids();
  const { super_user_name: user, super_user_password: password } = await platform.secrets();
  const query = (node: number, sql: string): Promise<string> =>
    ask(clickhouse.nodes[node]?.httpPort ?? 0, { user, password }, sql);
  await query(
    0,
    `CREATE TABLE otus_default.many_local ON CLUSTER dwh_test (id UInt32, text String)
     ENGINE = ReplicatedMergeTree('/clickhouse/tables/{shard}/{uuid}', '{replica}') ORDER BY id`,
  );
  await query(
    0,
    `CREATE TABLE otus_default.many ON CLUSTER dwh_test AS otus_default.many_local
     ENGINE = Distributed(dwh_test, otus_default, many_local, id)`,
  );
  await query(
    0,
    'INSERT INTO otus_default.many SELECT number, toString(number) FROM numbers(1000000)',
  );
  for (const { nativePort } of clickhouse.nodes) {
    for (let turn = 0; turn < 10; turn += 1) {
      await wrongNativeLogin(nativePort);
      await resetHandshake(nativePort);
    }
  }
  let sent = 0;
  const answers: number[] = [];
  const reader = async (): Promise<void> => {
    while (sent < 400) {
      const text = await query(sent++ % 4, 'SELECT * FROM otus_default.many LIMIT 5');
      answers.push(text.split('\n').length);
    }
  };
  await Promise.all(Array.from({ length: 8 }, reader));
  expect(answers).toEqual(Array.from({ length: 400 }, () => 5));
  expect(await pids()).toEqual(before);
  for (const node of [0, 1, 2, 3]) expect(await query(node, 'SELECT 1')).toBe('1');
});
