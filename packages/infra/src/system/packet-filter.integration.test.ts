import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { $ } from 'zx';
import { identityOf } from './processes.ts';
import {
  droppedPackets,
  dropPackets,
  groupOf,
  letPacketsPass,
  packetMark,
  removeAbandonedRules,
  whyNotDropped,
} from './packet-filter.ts';

const reason = await whyNotDropped();
const GROUP = 52_900;
const mark = await packetMark('test');

/** Runs a program of Node under the group. */
const spawnInGroup = (program: string) =>
  spawn('setpriv', [`--regid=${GROUP}`, '--clear-groups', process.execPath, '-e', program]);

/** Whether a process of the group reaches a port within half a second. */
async function reaches(port: number): Promise<boolean> {
  const child = spawnInGroup(`require('net').connect(${port}, '127.0.0.1')
    .on('connect', () => { console.log('yes'); process.exit() });
    setTimeout(() => { console.log('no'); process.exit() }, 500)`);
  return (await text(child.stdout)).trim() === 'yes';
}

/** A process of the group that says again what it hears at a port. */
async function echoOfGroup(): Promise<AsyncDisposable & { readonly port: number }> {
  const child = spawnInGroup(`const server = require('net').createServer((it) => it.pipe(it));
    server.listen(0, '127.0.0.1', () => process.stdout.write(String(server.address().port)))`);
  const [port] = (await once(child.stdout, 'data')) as [Buffer];
  return {
    port: Number(port),
    async [Symbol.asyncDispose]() {
      child.kill();
      await once(child, 'exit');
    },
  };
}

/** Whether words that are said to a port come back within half a second. */
async function isEchoed(port: number, words: string): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    socket.write(words);
    const [echo] = (await once(socket, 'data', { signal: AbortSignal.timeout(500) })) as [Buffer];
    return echo.toString() === words;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

describe.skipIf(reason !== undefined)(`packet filter (${reason ?? 'root'})`, () => {
  test('a group loses its way to the ports that are named, and to no others, until it is healed', async () => {
    const servers = await Promise.all(
      [0, 1].map(async () => {
        const server = createServer((socket) => socket.end());
        await once(server.listen(0, '127.0.0.1'), 'listening');
        return server;
      }),
    );
    const [cut = 0, open = 0] = servers.map((server) => (server.address() as AddressInfo).port);
    try {
      await dropPackets([{ group: GROUP, ports: [cut] }], mark);
      expect(await reaches(cut)).toBe(false);
      expect(await reaches(open)).toBe(true);
      expect(await droppedPackets(mark)).toBeGreaterThan(0);
      await letPacketsPass(mark);
      expect(await reaches(cut)).toBe(true);
      expect(await droppedPackets(mark)).toBe(0);
      await letPacketsPass(mark);
    } finally {
      await letPacketsPass(mark);
      for (const server of servers) server.close();
    }
  });

  test('what a group says from a port is lost where it contains a text, and arrives where it does not', async () => {
    await using server = await echoOfGroup();
    try {
      const cut = { group: GROUP, from: server.port, text: '/replicas/01/parts/' };
      await dropPackets([cut], mark);
      expect(await isEchoed(server.port, 'created /replicas/01/parts/all_0_0_0')).toBe(false);
      expect(await droppedPackets(mark)).toBeGreaterThan(0);
      expect(await isEchoed(server.port, 'created /replicas/02/parts/all_0_0_0')).toBe(true);
      await letPacketsPass(mark);
      expect(await isEchoed(server.port, 'created /replicas/01/parts/all_0_0_0')).toBe(true);
    } finally {
      await letPacketsPass(mark);
    }
  });

  test('rules of a process that is gone are removed, and those of a living one are not', async () => {
    const child = spawn('cat');
    const identity = await identityOf(child.pid!);
    child.stdin.end();
    await once(child, 'exit');
    const gone = `provehouse-drill-${identity}-clickhouse-02`;
    const reused = `provehouse-drill-${process.pid}-1-clickhouse-02`;
    const cuts = [{ group: GROUP, ports: [1, 2, 3] }];
    try {
      for (const each of [gone, reused, mark]) await dropPackets(cuts, each);
      expect(await removeAbandonedRules()).toEqual(expect.arrayContaining([gone, reused]));
      const { stdout } = await $({ quiet: true })`iptables -w 10 -S OUTPUT`;
      expect(stdout).toContain(mark);
      expect(stdout).not.toContain(gone);
      expect(stdout).not.toContain(reused);
    } finally {
      for (const each of [gone, reused, mark]) await letPacketsPass(each);
    }
  });

  test('a process tells its group', async () => {
    expect(await groupOf(process.pid)).toBe(process.getgid?.());
  });
});
