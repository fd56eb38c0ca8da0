import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DEFAULT_CONTRACT, readTarget } from './target.ts';

const EXAMPLE = join(import.meta.dirname, '../examples/external-deployment.json');

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'provehouse-target-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** The example's deployment in a folder with these secrets beside it. */
async function external(secrets: string): Promise<Parameters<typeof readTarget>[0]> {
  const deployment = join(folder, 'deployment.json');
  await writeFile(deployment, await readFile(EXAMPLE));
  await writeFile(join(folder, 'external-secrets.env'), secrets, { mode: 0o600 });
  return { home: folder, name: 'local', contract: DEFAULT_CONTRACT, deployment };
}

test('the example of a deployment written by hand is read, with the secrets beside it', async () => {
  const target = await readTarget(
    await external('super_user_name=su\nsuper_user_password="long enough to be none of these"\n'),
  );
  expect(target.deployment.runtime).toBe('external');
  expect(target.deployment.clickhouse.nodes).toHaveLength(4);
  expect(target.administrator).toEqual({ user: 'su', password: 'long enough to be none of these' });
  expect(target.secretsFile).toBe(join(folder, 'external-secrets.env'));
  expect(target.secrets['bi_user_password']).toBeUndefined();
});

test('without a deployment file it is that of the named platform', async () => {
  const { deployment: _, ...options } = await external('');
  await expect(readTarget({ ...options, name: 'mine' })).rejects.toThrow(
    `No deployment at ${join(folder, 'mine', 'deployment.json')}`,
  );
});

test.each([
  ['super_user_password=only-a-password-here-1', 'Expected super_user_name in '],
  ['super_user_name=su\nsuper_user_password=', 'Expected super_user_password in '],
])('a secret that is needed and absent is named with its file', async (secrets, message) => {
  const options = await external(secrets);
  const error: unknown = await readTarget(options).catch((e: unknown) => e);
  expect(String(error)).toContain(`${message}${join(folder, 'external-secrets.env')}`);
  expect(String(error)).not.toContain('only-a-password-here-1');
});

test('secrets of another administrator than the deployment names are refused', async () => {
  const options = await external('super_user_name=root\nsuper_user_password=long-enough-for-all\n');
  await expect(readTarget(options)).rejects.toThrow('Expected super_user_name to be su');
});

test('a field that no deployment has is refused by name', async () => {
  const options = await external('');
  const text = (await readFile(EXAMPLE, 'utf8')).replace('"httpPort"', '"port"');
  await writeFile(join(folder, 'deployment.json'), text);
  await expect(readTarget(options)).rejects.toThrow(
    /not a deployment[\s\S]*"port"[\s\S]*nodes\[0\]\.httpPort/,
  );
});

test('a contract that is not there is refused', async () => {
  const options = { ...(await external('')), contract: join(folder, 'none.yaml') };
  await expect(readTarget(options)).rejects.toThrow('There is no contract');
});

test('a parameter of the contract that no option gives is refused before anything else is read', async () => {
  const contract = join(folder, 'contract.yaml');
  await writeFile(
    contract,
    `version: 2
tables:
  - { name: t, kind: table, rules: [{ rule: range, column: id, max: $last }] }
waivers:
  - { check: sprd, reason: none, until: 2026-12-31 }
`,
  );
  const options = { ...(await external('super_user_name=su\nsuper_user_password=x\n')), contract };
  await expect(readTarget(options)).rejects.toThrow(
    /contract\.yaml:3:69 .*\$last.*\n.*:5:14 .*sprd/s,
  );
  await writeFile(contract, (await readFile(contract, 'utf8')).replace('sprd', 'spread'));
  const parameter = { last: 5 };
  await expect(readTarget({ ...options, parameter })).resolves.toMatchObject({
    contract: { waivers: [{ check: 'spread' }] },
  });
});

test('secrets that are not there are reported with the field that names them', async () => {
  const options = await external('');
  await rm(join(folder, 'external-secrets.env'));
  await expect(readTarget(options)).rejects.toThrow(
    `Expected the secrets of the deployment in ${join(folder, 'external-secrets.env')}, found no file that can be read (ENOENT`,
  );
});
