import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { cliConfiguration, ownInstallation } from './cli-configuration.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'provehouse-terraform-'));
  onTestFinished(() => rm(folder, { recursive: true }));
});

it('takes the one provider from the folder and never from elsewhere', () => {
  expect(cliConfiguration('/cache/"a" mirror', 'kreuzwerker/docker')).toBe(
    [
      'provider_installation {',
      '  filesystem_mirror {',
      '    path    = "/cache/\\"a\\" mirror"',
      '    include = ["kreuzwerker/docker"]',
      '  }',
      '  direct {',
      '    exclude = ["kreuzwerker/docker"]',
      '  }',
      '}',
      '',
    ].join('\n'),
  );
});

it("finds the user's own way to install providers, in the file that is named or the usual one", async () => {
  const named = join(folder, 'mine.tfrc');
  const usual = join(folder, '.terraformrc');
  await writeFile(named, cliConfiguration('/mirror', 'kreuzwerker/docker'));
  await writeFile(usual, '  provider_installation {\n}\n');
  expect(await ownInstallation({ HOME: folder }, '/other')).toBe(usual);
  expect(await ownInstallation({ HOME: folder, TF_CLI_CONFIG_FILE: named }, '/other')).toBe(named);
});

it.each([
  ['says nothing of providers', '# no provider_installation here\ndisable_checkpoint = true\n'],
  ['is not there', undefined],
])('finds none in a file that %s', async (_, text) => {
  const file = join(folder, 'mine.tfrc');
  if (text !== undefined) await writeFile(file, text);
  expect(await ownInstallation({ TF_CLI_CONFIG_FILE: file }, '/other')).toBeUndefined();
});

it('does not take the configuration that an earlier mirror wrote for one of the user', async () => {
  const file = join(folder, 'terraform.tfrc');
  await writeFile(file, cliConfiguration('/mirror', 'kreuzwerker/docker'));
  expect(await ownInstallation({ TF_CLI_CONFIG_FILE: file }, file)).toBeUndefined();
});
