import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { findTerraform } from './terraform-program.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'provehouse-test-'));
  onTestFinished(() => rm(folder, { recursive: true }));
});

async function program(version: string): Promise<string> {
  const file = join(folder, 'terraform');
  await writeFile(file, `#!/bin/sh\necho '{"terraform_version":"${version}"}'\n`);
  await chmod(file, 0o755);
  return file;
}

test('a version that is too old is refused with the one that is needed', async () => {
  const PROVEHOUSE_TERRAFORM = await program('1.10.5');
  await expect(findTerraform({ PROVEHOUSE_TERRAFORM }, folder)).rejects.toThrow(
    /1\.11 or newer, found 1\.10\.5/,
  );
});

test('without Terraform the error says where it comes from', async () => {
  const PROVEHOUSE_TERRAFORM = join(folder, 'nothing');
  await expect(findTerraform({ PROVEHOUSE_TERRAFORM }, folder)).rejects.toThrow(
    /found none\. Install Terraform/,
  );
});

test('the mirror in the cache is used where there is one', async () => {
  const PROVEHOUSE_TERRAFORM = await program('1.12.0');
  const before = await findTerraform({ PROVEHOUSE_TERRAFORM }, folder);
  expect(before.environment['TF_CLI_CONFIG_FILE']).toBeUndefined();
  const file = join(folder, 'provider-mirror/terraform.tfrc');
  await mkdir(join(folder, 'provider-mirror'));
  await writeFile(file, '');
  const after = await findTerraform({ PROVEHOUSE_TERRAFORM }, folder);
  expect(after.environment['TF_CLI_CONFIG_FILE']).toBe(file);
});

test('how often it collects garbage is left to who has set it', async () => {
  const PROVEHOUSE_TERRAFORM = await program('1.12.0');
  const own = { GOGC: '50', GOMEMLIMIT: '2GiB' };
  const set = await findTerraform({ PROVEHOUSE_TERRAFORM, ...own }, folder);
  expect(set.environment).toMatchObject(own);
});
