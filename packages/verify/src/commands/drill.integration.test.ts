import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { outcomeOf, startCommand } from '../../test/command.ts';
import { realTarget } from '../../test/drill-target.ts';
import { startTestCluster, type TestCluster } from '../../test/test-cluster.ts';
import type { DrillTarget } from '../drills/drill-target.ts';
import { drillsFolder, type DrillsFolder } from '../drills/drills-folder.ts';
import { readJournal } from '../drills/fault-journal.ts';
import { PREFIX } from '../drills/writes/drill-tables.ts';

const SECONDS = 60_000;

let own: TestCluster;
let target: DrillTarget;
let folder: DrillsFolder;
let platform: readonly string[];

beforeAll(async () => {
  own = await startTestCluster();
  target = realTarget(own);
  const home = dirname(own.runtime.directory);
  const { name } = own.deployment;
  folder = drillsFolder({ home, name });
  platform = ['--home', home, '--name', name];
});
afterAll(() => own[Symbol.asyncDispose]());
afterEach(expectRightPlatform);

const start = (...words: readonly string[]) => startCommand(['drill', ...words]);

const drill = (...words: readonly string[]) => outcomeOf(start(...words));

/** A drill in whose middle a signal comes: a node is down, and writes go on. */
async function cutOff(signal: NodeJS.Signals) {
  const child = start('stop-replica', '--seed', '7', ...platform);
  const end = outcomeOf(child);
  await vi.waitFor(
    async () => {
      const states = (await target.runtime.status()).map(({ state }) => state);
      expect(states).toContainEqual(expect.not.stringMatching('ready'));
    },
    { timeout: SECONDS },
  );
  child.kill(signal);
  return end;
}

async function drillTables(): Promise<string[]> {
  const sql = `SELECT name FROM system.tables WHERE startsWith(name, '${PREFIX}')`;
  const row = z.object({ name: z.string() });
  const found = await Promise.all(own.cluster.nodes.map((node) => node.query(sql, row)));
  return found.flat().map(({ name }) => name);
}

async function expectRightPlatform(): Promise<void> {
  const states = (await target.runtime.status()).map(({ state }) => state);
  expect(new Set(states)).toEqual(new Set(['ready']));
  expect(await drillTables()).toEqual([]);
  expect(await readJournal(folder.journal)).toBeUndefined();
}

test('drills of the embedded engine prove that nothing is lost, and are reported', async () => {
  const names = ['stop-replica', 'kill-replica', 'stop-shard', 'restart-all-nodes'];
  const { code, stdout, stderr } = await drill(...names, '--seed', '7', '--json', ...platform);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  const account = z.object({ attempted: z.number(), recovered: z.number(), lost: z.number() });
  const { seed, results } = z
    .object({
      seed: z.number(),
      results: z.array(z.object({ drill: z.string(), status: z.string(), account })),
    })
    .parse(JSON.parse(stdout));
  expect(seed).toBe(7);
  expect(results.map((result) => result.drill).sort()).toEqual(names.sort());
  for (const result of results) {
    expect(['passed', 'warned']).toContain(result.status);
    expect(result.account.attempted).toBeGreaterThan(0);
    expect(result.account.recovered).toBe(result.account.attempted);
  }
  expect(JSON.parse(await readFile(folder.results, 'utf8'))).toEqual(JSON.parse(stdout));
  expect(existsSync(folder.report)).toBe(true);
});

test('after Ctrl-C in its middle the platform is right again', async () => {
  const { code, stderr } = await cutOff('SIGINT');
  expect(stderr).toContain('The platform is right again.');
  expect(code).toBe(130);
});

test('after kill −9 in its middle the platform is put right by the next one', async () => {
  const { signal } = await cutOff('SIGKILL');
  expect(signal).toBe('SIGKILL');
  expect(await readJournal(folder.journal)).toMatchObject({ drill: 'stop-replica' });
  const states = (await target.runtime.status()).map(({ state }) => state);
  expect(states).toContainEqual(expect.not.stringMatching('ready'));
  const { code, stderr } = await drill('--restore', ...platform);
  expect(stderr).toContain('The drill stop-replica was cut off');
  expect(code).toBe(0);
});

test('with nothing to put right, that is said', async () => {
  const { code, stderr } = await drill('--restore', ...platform);
  expect(stderr).toContain('There is nothing to put right.');
  expect(code).toBe(0);
});

test.each([
  ['no names', [], 'Expected names of drills, or --all'],
  ['a name that no drill has', ['stop-everything'], 'There is no drill stop-everything'],
  ['a guarantee that there is not', ['stop-replica', '--guarantee', 'some'], 'quorum, single'],
  ['names and --all', ['stop-replica', '--all'], 'found both'],
])('%s is reported before anything is touched', async (_, words, said) => {
  const { code, stderr } = await drill(...words, ...platform);
  expect(stderr).toContain(said);
  expect(code).toBe(2);
});

test('a platform that Provehouse did not start is never broken', async () => {
  const file = join(own.runtime.directory, 'deployment.json');
  const { code, stderr } = await drill('stop-replica', '--deployment', file);
  expect(stderr).toContain('Expected a platform that Provehouse has started');
  expect(code).toBe(2);
});

test('the list names every drill, and needs no platform', async () => {
  const { code, stdout } = await drill('--list', '--home', '/nowhere');
  expect(stdout).toMatch(/^ {2}kill-replica {2,}A replica is killed/m);
  expect(code).toBe(0);
});
