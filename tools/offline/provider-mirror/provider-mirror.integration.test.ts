import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from '@provehouse/infra';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { dockerProvider } from './docker-provider.ts';
import { providerMirror } from './provider-mirror.ts';

const execute = promisify(execFile);
const CONFIGURATION = `
terraform {
  required_providers {
    docker = {
      source  = "kreuzwerker/docker"
      version = "~> 4.5"
    }
  }
}
resource "docker_volume" "one" {
  name = "never-made"
}
`;

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'provehouse-mirror-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'main.tf'), CONFIGURATION);
});

const terraform = async (configuration: string, ...words: string[]): Promise<string> => {
  const env = { ...process.env, TF_CLI_CONFIG_FILE: configuration, CHECKPOINT_DISABLE: '1' };
  return (await execute('terraform', words, { cwd: folder, env })).stdout;
};

it('lets Terraform start the provider that was built here, and know what it offers', async () => {
  const file = await providerMirror({
    environment: { ...process.env, PROVEHOUSE_PROVIDER_MIRROR: 'always' },
    cache: join(folder, 'cache'),
    progress: (message) => process.stderr.write(`${message}\n`),
    // The build is kept for later; the configuration beside it is not this test's to change.
    buildProvider: (options) => dockerProvider({ ...options, cache: cacheFolder(process.env) }),
  });
  const installed = await terraform(file!, 'init', '-no-color');
  expect(installed).toContain('Installed kreuzwerker/docker v4.6.0 (unauthenticated)');
  expect(JSON.parse(await terraform(file!, 'validate', '-json'))).toMatchObject({ valid: true });
});
