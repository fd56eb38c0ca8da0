import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { imaginaryTarget } from '../../test/drill-target.ts';
import {
  commandRuntime,
  FaultCommandError,
  NoFaultCommandError,
  readFaultCommands,
} from './fault-commands.ts';

const { deployment } = imaginaryTarget().target;
const [first = ''] = deployment.clickhouse.nodes.map(({ name }) => name);

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'provehouse-test-'));
  file = join(folder, 'faults.yaml');
});
afterEach(() => rm(folder, { recursive: true }));

const read = async (text: string) => {
  await writeFile(file, text);
  return readFaultCommands(file, deployment);
};

test('a command is run by a shell, and its failure is reported without its words', async () => {
  const mark = join(folder, 'killed');
  const commands = await read(
    `components:\n  ${first}:\n    kill: touch '${mark}'\n    start: echo s3cret >&2; exit 3\n`,
  );
  const runtime = commandRuntime(deployment, commands, file);
  // Nothing listens at its address, so that it counts as stopped at once.
  await runtime.kill(first);
  expect(await readFile(mark, 'utf8')).toBe('');
  await expect(runtime.start(first)).rejects.toThrow(`The command to start ${first} failed.`);
});

test('what there is no command for is not done', async () => {
  const commands = await read(`components:\n  ${first}:\n    start: 'true'\n`);
  const runtime = commandRuntime(deployment, commands, file);
  await expect(runtime.freeze(first)).rejects.toThrow(NoFaultCommandError);
  await expect(runtime.freeze(first)).rejects.toThrow(`has no command to freeze ${first}`);
  await expect(runtime.down()).rejects.toThrow(NoFaultCommandError);
});

test('a node at which nothing listens is stopped', async () => {
  const runtime = commandRuntime(deployment, { components: {} }, file);
  expect((await runtime.status()).map(({ state }) => state)).toContain('stopped');
});

test.each([
  ['a component that the deployment does not have', 'components:\n  other: {}\n', 'found other'],
  ['an unknown verb', `components:\n  ${first}:\n    explode: now\n`, 'explode'],
  ['what can be killed and not started', `components:\n  ${first}:\n    kill: x\n`, 'start it'],
  ['what can be frozen and not thawed', `components:\n  ${first}:\n    freeze: x\n`, 'thaw it'],
  ['a text that is no YAML', 'components: [', 'no YAML file'],
])('%s is refused before anything is done', async (_, text, said) => {
  await expect(read(text)).rejects.toThrow(FaultCommandError);
  await expect(read(text)).rejects.toThrow(said);
});
