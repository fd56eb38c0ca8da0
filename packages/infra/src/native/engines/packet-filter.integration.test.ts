import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { $ } from 'zx';
import { identityOf } from '../../platform/processes.ts';
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

/** Whether a process of the group reaches a port within half a second. */
const reaches = (port: number): Promise<boolean> => comesTo(port, 'connect');

/** Whether what a process of the group says to a port that echoes is answered within half a second. */
const isAnswered = (port: number, words: string): Promise<boolean> => comesTo(port, 'data', words);

async function comesTo(port: number, event: string, words = ''): Promise<boolean> {
  const program = `const socket = require('net').connect(${port}, '127.0.0.1');
    socket.on('${event}', () => { console.log('yes'); process.exit() });
    socket.on('connect', () => socket.write('${words}'));
    setTimeout(() => { console.log('no'); process.exit() }, 500)`;
  const child = spawn('setpriv', [
    `--regid=${GROUP}`,
    '--clear-groups',
    process.execPath,
    '-e',
    program,
  ]);
  return (await text(child.stdout)).trim() === 'yes';
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

  test('what a group says is lost where it contains a text, and arrives where it does not', async () => {
    const server = createServer((socket) => socket.pipe(socket));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    try {
      await dropPackets([{ group: GROUP, text: '/replicas/01/parts/' }], mark);
      expect(await isAnswered(port, 'created /replicas/01/parts/all_0_0_0')).toBe(false);
      expect(await droppedPackets(mark)).toBeGreaterThan(0);
      expect(await isAnswered(port, 'created /replicas/02/parts/all_0_0_0')).toBe(true);
      await letPacketsPass(mark);
      expect(await isAnswered(port, 'created /replicas/01/parts/all_0_0_0')).toBe(true);
    } finally {
      await letPacketsPass(mark);
      server.close();
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
