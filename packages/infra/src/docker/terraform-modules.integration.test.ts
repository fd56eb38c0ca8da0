import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { $ } from 'zx';
import { sayNotTested } from '../../test/say-not-tested.ts';
import { cacheFolder } from '../state/cache-folder.ts';
import { findTerraform, type TerraformProgram } from './terraform-program.ts';

const SOURCE = join(import.meta.dirname, '../../terraform');
const below = async (folder: string): Promise<string[]> =>
  (await readdir(join(SOURCE, folder))).map((name) => join(folder, name));
const MODULES = ['.', ...(await below('modules')), ...(await below('examples'))];

const folder = await mkdtemp(join(tmpdir(), 'provehouse-test-'));
const { obstacle, terraform } = await prepare();
const remove = (): Promise<void> => rm(folder, { recursive: true });
// Nothing is called after tests of which all are skipped.
if (obstacle === undefined) afterAll(remove);
else await remove();

/** A copy of the modules, because Terraform writes beside them; and how it is run there. */
async function prepare(): Promise<{
  obstacle?: string;
  terraform: (within: string, words: readonly string[]) => Promise<string>;
}> {
  let program: TerraformProgram;
  try {
    program = await findTerraform(process.env, cacheFolder(process.env));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    sayNotTested("Terraform's modules", reason);
    return { obstacle: reason, terraform: () => Promise.reject(new Error(reason)) };
  }
  const plugins = join(folder, 'plugins');
  await mkdir(plugins);
  const env = { ...program.environment, TF_PLUGIN_CACHE_DIR: plugins };
  const terraform = async (within: string, words: readonly string[]): Promise<string> => {
    const cwd = join(folder, within);
    const result = await $({ quiet: true, nothrow: true, cwd, env })`${program.path} ${words}`;
    if (result.exitCode === 0) return result.stdout;
    throw new Error(`terraform ${words.join(' ')} in ${within}:\n${result.stdout}${result.stderr}`);
  };
  await cp(SOURCE, join(folder, 'terraform'), {
    ...{ recursive: true, verbatimSymlinks: true },
    filter: (source) => !/\/\.terraform|\.tfstate|\.tfvars|terraform\/config(\/|$)/.test(source),
  });
  // The provider alone, so that a fault of a module is not taken for a registry that is not reached.
  await mkdir(join(folder, 'provider'));
  await cp(join(SOURCE, 'terraform.tf'), join(folder, 'provider/terraform.tf'));
  try {
    await terraform('provider', ['init', '-input=false', '-no-color']);
  } catch (error) {
    const reason = `Its provider cannot be had: ${error instanceof Error ? error.message : String(error)}`;
    sayNotTested("Terraform's modules", reason);
    return { obstacle: reason, terraform };
  }
  return { terraform };
}

describe.skipIf(obstacle !== undefined)("Terraform's modules", () => {
  test('are formatted', async () => {
    expect(await terraform('terraform', ['fmt', '-check', '-recursive', '-list=true'])).toBe('');
  });

  test.each(MODULES)('%s is valid and passes its own tests', async (name) => {
    const module = join('terraform', name);
    await terraform(module, ['init', '-backend=false', '-input=false', '-no-color']);
    // Each run validates first.
    expect(await terraform(module, ['test', '-no-color'])).toMatch(/[1-9]\d* passed, 0 failed\./);
  });

  test.each([
    ['a test that fails', 'output "two" {\n  value = 2\n}\n', 'Expected 3.'],
    [
      'a module that is not valid, whatever its tests look at,',
      'output "two" {\n  value = 3\n}\nlocals {\n  unused = var.nothing\n}\n',
      'Reference to undeclared input variable',
    ],
  ])('%s is reported', async (_, text, said) => {
    const module = 'terraform/modules/failing';
    await mkdir(join(folder, module, 'tests'), { recursive: true });
    await writeFile(join(folder, module, 'main.tf'), text);
    await writeFile(
      join(folder, module, 'tests/two.tftest.hcl'),
      'run "two" {\n  assert {\n    condition     = output.two == 3\n    error_message = "Expected 3."\n  }\n}\n',
    );
    await expect(terraform(module, ['test', '-no-color'])).rejects.toThrow(said);
  });
});
