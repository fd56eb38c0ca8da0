import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { createSocket } from 'node:dgram';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { once } from 'node:events';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { isLinuxRoot } from './linux-root.ts';
import { portClaims, type PortClaims } from './port-claims.ts';
import { isFree, parsePorts, planPorts, PortError } from './ports.ts';

let server: Server;
let taken: number;
let claims: PortClaims;
beforeEach(async () => {
  server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  claims = portClaims();
  taken = (server.address() as AddressInfo).port;
});
afterEach(async () => {
  server.close();
  await claims[Symbol.asyncDispose]();
});

test('a set port that is taken is refused with its name, number and process', async () => {
  const plan = planPorts([{ name: 'airflow', preferred: 8080 }], { airflow: taken }, claims);
  await expect(plan).rejects.toThrow(PortError);
  await expect(planPorts([], { airflow: taken }, claims)).rejects.toThrow(
    new RegExp(`airflow: port ${taken} is taken by process ${process.pid} \\(`),
  );
});

test('a default port that is taken moves on and says whose it is', async () => {
  const { ports, moved } = await planPorts([{ name: 'airflow', preferred: taken }], {}, claims);
  expect(ports['airflow']).toBeGreaterThan(taken);
  expect(await isFree(ports['airflow']!)).toBe(true);
  expect(moved).toMatchObject([{ name: 'airflow', preferred: taken, port: ports['airflow'] }]);
  expect(moved[0]!.owner).toContain(String(process.pid));
});

test('a port for datagrams is free while a server listens there, and taken by who takes datagrams', async () => {
  const request = { name: 'statsd', preferred: taken, udp: true } as const;
  {
    await using given = portClaims();
    expect((await planPorts([request], {}, given)).ports).toEqual({ statsd: taken });
  }
  const socket = createSocket('udp4');
  socket.bind(taken, '127.0.0.1');
  await once(socket, 'listening');
  onTestFinished(() => void socket.close());
  const { moved } = await planPorts([request], {}, claims);
  expect(moved).toMatchObject([{ name: 'statsd', preferred: taken }]);
  expect(moved[0]!.owner).toContain(String(process.pid));
  await expect(planPorts([request], { statsd: taken }, claims)).rejects.toThrow(
    new RegExp(`statsd: port ${taken} is taken by process ${process.pid} \\(`),
  );
});

test('two components never get the same port', async () => {
  const requests = ['a', 'b', 'c'].map((name) => ({ name, preferred: taken }));
  const { ports } = await planPorts(requests, {}, claims);
  expect(new Set(Object.values(ports)).size).toBe(3);
});

test('two starts at the same time never choose the same port', async () => {
  await using other = portClaims();
  const requests = [{ name: 'airflow', preferred: taken + 1 }];
  const [one, two] = [await planPorts(requests, {}, claims), await planPorts(requests, {}, other)];
  expect(one.ports['airflow']).not.toBe(two.ports['airflow']);
});

test('a port that was given back can be claimed again', async () => {
  const free = taken + 1000;
  await using other = portClaims();
  {
    await using mine = portClaims();
    expect(await mine.claim(free)).toBe(true);
    expect(await other.claim(free)).toBe(false);
  }
  expect(await other.claim(free)).toBe(true);
});

test('the same port set twice is refused', async () => {
  const free = (await planPorts([{ name: 'x', preferred: taken }], {}, claims)).ports['x']!;
  await expect(planPorts([], { a: free, b: free }, claims)).rejects.toThrow(
    /b: port \d+ is set for another/,
  );
});

test.each(['airflow', 'airflow=', 'airflow=0', 'airflow=65536', 'airflow=8o80', 'nobody=8080'])(
  'the word %j is refused',
  (word) => expect(() => parsePorts([word], ['airflow'])).toThrow(PortError),
);

test('a port is parsed by name', () => {
  expect(parsePorts(['airflow=18080'], ['airflow'])).toEqual({ airflow: 18080 });
});

test.skipIf(!isLinuxRoot())('the same port of another network is not claimed with it', async () => {
  const port = 21_001;
  expect(await claims.claim(port)).toBe(true);
  const elsewhere = `const { portClaims } = await import('${import.meta.dirname}/port-claims.ts');
    await using claims = portClaims();
    process.stdout.write(String(await claims.claim(${port})));`;
  const words = [process.execPath, '--input-type=module', '--eval', elsewhere];
  const run = promisify(execFile);
  expect((await run('unshare', ['--net', ...words])).stdout).toBe('true');
  const [program = '', ...rest] = words;
  expect((await run(program, rest)).stdout).toBe('false');
});
