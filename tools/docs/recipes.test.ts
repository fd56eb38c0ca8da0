import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OUTPUTS, verifiedRunSchema, writeOutput } from '@provehouse/verify';
import { XMLValidator } from 'fast-xml-parser';
import { expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { commandsIn, readWorkspaceFile, unknownOptions } from './recipe-commands.ts';

const WORKSPACE = join(import.meta.dirname, '../..');
const EXAMPLES = 'packages/cli/examples';

const pages = await readdir(join(WORKSPACE, 'docs'));
const examples = await readdir(join(WORKSPACE, EXAMPLES));

test.each([
  'README.md',
  ...pages.filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`),
])('the commands of %s, and their options, are those that there are', async (page) => {
  const commands = commandsIn(await readWorkspaceFile(page));
  const unknown = await Promise.all(commands.map(unknownOptions));
  expect(unknown.flat()).toEqual([]);
});

test('a page that has a wrong option or command is found out', async () => {
  const [found] = commandsIn(
    'text\n$ npx provehouse check URL --outptu junit=\\\n  verdicts.xml # x',
  );
  expect(found).toEqual({ command: 'check', words: ['URL', '--outptu', 'junit=verdicts.xml'] });
  expect(await unknownOptions(found ?? { command: '', words: [] })).toEqual(['--outptu']);
  const [absent] = commandsIn('npx nx run verify:clutser');
  await expect(unknownOptions(absent ?? { command: '', words: [] })).rejects.toThrow(
    'There is no command verify:clutser',
  );
});

test.each(examples.filter((name) => name.endsWith('.service')))(
  'the unit %s calls a command that there is, and holds no password',
  async (name) => {
    const text = await readWorkspaceFile(`${EXAMPLES}/${name}`);
    const [command, ...others] = commandsIn(text);
    expect(others).toEqual([]);
    expect(await unknownOptions(command ?? { command: 'none', words: [] })).toEqual([]);
    const credentials = [...text.matchAll(/^LoadCredential=(\w+):\//gm)].map(([, id]) => id);
    const used = [...text.matchAll(/%d\/(\w+)/g)].map(([, id]) => id);
    expect(used).toEqual(credentials);
    expect(used).toContain('password');
  },
);

test('the timer starts a unit that there is', () => {
  const timers = examples.filter((name) => name.endsWith('.timer'));
  expect(timers).not.toHaveLength(0);
  for (const timer of timers) expect(examples).toContain(timer.replace('.timer', '.service'));
});

test('the outputs of the recipes for CI are written of a run that was recorded, where CI looks for them', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'provehouse-recipes-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const page = await readWorkspaceFile('docs/ci.md');
  const run = verifiedRunSchema.parse(
    JSON.parse(await readWorkspaceFile('packages/verify/examples/verdicts.json')),
  );
  const outputs = [...page.matchAll(/--output (\w+)=([\w.]+)/g)];
  for (const [, name, file = ''] of outputs) {
    const format = OUTPUTS.find((one) => one === name);
    if (format === undefined) throw new RangeError(`There is no format ${name}.`);
    await writeOutput({ format, file: join(folder, file) }, run);
  }
  const looked = [...page.matchAll(/(?:junit: |junit '|paths: \[|path: )(verdicts\.\w+)/g)];
  expect(looked.map(([, file]) => file)).toEqual([
    ...['verdicts.html', 'verdicts.xml', 'verdicts.html', 'verdicts.xml'],
  ]);
  const written = async (file: string): Promise<string> => readFile(join(folder, file), 'utf8');
  expect(XMLValidator.validate(await written('verdicts.xml'))).toBe(true);
  expect(await written('verdicts.xml')).toContain('<failure message="table shop.scratch is there');
  expect(await written('verdicts.md')).toMatch(/^# dwh\\_test: failed$/m);
  expect(await written('verdicts.html')).toContain('<td>10,000</td>');
});

const cronJob = z.object({
  apiVersion: z.literal('batch/v1'),
  kind: z.literal('CronJob'),
  spec: z.object({
    concurrencyPolicy: z.literal('Forbid'),
    jobTemplate: z.object({
      spec: z.object({
        backoffLimit: z.literal(0),
        template: z.object({
          spec: z.object({
            containers: z.tuple([
              z.object({
                command: z.tuple([z.literal('provehouse')]),
                args: z.array(z.string()),
                volumeMounts: z.array(z.object({ name: z.string(), mountPath: z.string() })),
              }),
            ]),
            volumes: z.array(z.object({ name: z.string() })),
          }),
        }),
      }),
    }),
  }),
});

test('the CronJob calls a command that there is, and mounts where its password is', async () => {
  const text = await readWorkspaceFile(`${EXAMPLES}/kubernetes-cronjob.yaml`);
  const { spec } = cronJob.parse(parse(text)).spec.jobTemplate.spec.template;
  const [{ args, volumeMounts }] = spec.containers;
  const [command = '', ...words] = args;
  expect(await unknownOptions({ command, words })).toEqual([]);
  const passwordFile = words[words.indexOf('--password-file') + 1];
  expect(passwordFile).toMatch(new RegExp(`^${volumeMounts[0]?.mountPath}/`));
  expect(spec.volumes.map(({ name }) => name)).toEqual(volumeMounts.map(({ name }) => name));
});
