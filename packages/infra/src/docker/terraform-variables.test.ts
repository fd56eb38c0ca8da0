import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FIELDS } from '@provehouse/secrets';
import { expect, onTestFinished, test, vi } from 'vitest';
import { planToRender } from './render-containers.ts';
import { COMPONENTS } from '../components/index.ts';
import { stateFolder } from '../state/state-folder.ts';
import { terraformVariables } from './terraform-variables.ts';

const text = await readFile(join(import.meta.dirname, '../../terraform/variables.tf'), 'utf8');
const declared = [...text.matchAll(/^variable "(\w+)"/gm)].map(([, name]) => name);

test('the modules declare no secret as a variable: its value would end in the state', () => {
  expect(declared).toContain('enable_airflow');
  expect(declared.filter((name) => Object.hasOwn(FIELDS, name ?? ''))).toEqual([]);
});

test('every variable that Terraform is given is declared', async () => {
  // Without images that were built on this machine.
  vi.stubEnv('PROVEHOUSE_CACHE', '/nowhere');
  onTestFinished(() => void vi.unstubAllEnvs());
  const options = { storage: 's3_ssd', consumers: ['metabase'] } as const;
  const plan = await planToRender(COMPONENTS, options);
  const given = terraformVariables(
    { folder: stateFolder('/home', 'local'), name: 'local', plan, descriptors: COMPONENTS },
    true,
  );
  expect(declared).toEqual(expect.arrayContaining(Object.keys(given)));
});
