import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { goTarget } from '@provehouse/infra';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { cliConfiguration } from './cli-configuration.ts';
import {
  configurationFile,
  MirrorSettingError,
  providerMirror,
  type ProviderMirrorOptions,
} from './provider-mirror.ts';

let cache: string;
let said: string[];

beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'provehouse-mirror-'));
  said = [];
  onTestFinished(() => rm(cache, { recursive: true }));
});

const options = (
  reachable: boolean,
  environment: NodeJS.ProcessEnv = {},
): ProviderMirrorOptions => ({
  environment: { HOME: cache, ...environment },
  cache,
  progress: (message) => said.push(message),
  isRegistryReachable: () => Promise.resolve(reachable),
  buildProvider: () => builtProvider('4.6.0-aaaa'),
});

async function builtProvider(key: string): Promise<string> {
  const folder = join(cache, `terraform-provider-docker-${key}`);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'terraform-provider-docker'), key);
  return join(folder, 'terraform-provider-docker');
}

it.each(['registry.terraform.io', 'registry.opentofu.org'])(
  'gives a configuration whose mirror holds the provider for %s where the registry is not reached',
  async (host) => {
    const file = await providerMirror(options(false));
    expect(file).toBe(configurationFile(cache));
    const mirror = join(cache, 'provider-mirror/terraform-provider-docker-4.6.0-aaaa');
    expect(await readFile(file!, 'utf8')).toBe(cliConfiguration(mirror, 'kreuzwerker/docker'));
    const { os, arch } = goTarget();
    const place = join(mirror, host, 'kreuzwerker/docker/4.6.0', `${os}_${arch}`);
    expect(await readFile(join(place, 'terraform-provider-docker_v4.6.0'), 'utf8')).toBe(
      '4.6.0-aaaa',
    );
    expect(said.join('\n')).toContain('registry.terraform.io cannot be reached');
  },
);

it('makes a mirror of its own for another build, and leaves no draft', async () => {
  await providerMirror(options(false));
  const file = await providerMirror({
    ...options(false),
    buildProvider: () => builtProvider('4.6.0-bbbb'),
  });
  expect(await readFile(file!, 'utf8')).toContain('-bbbb"');
  expect((await readdir(join(cache, 'provider-mirror'))).sort()).toEqual([
    'terraform-provider-docker-4.6.0-aaaa',
    'terraform-provider-docker-4.6.0-bbbb',
    'terraform.tfrc',
  ]);
});

const own = async (): Promise<NodeJS.ProcessEnv> => {
  const file = join(cache, 'mine.tfrc');
  await writeFile(file, 'provider_installation {\n  direct {}\n}\n');
  return { TF_CLI_CONFIG_FILE: file };
};

it.each<[string, string, () => Promise<ProviderMirrorOptions>]>([
  ['the registry is reached', 'can be reached', async () => options(true)],
  [
    'it is switched off',
    'PROVEHOUSE_PROVIDER_MIRROR is never',
    async () => options(false, { PROVEHOUSE_PROVIDER_MIRROR: 'never' }),
  ],
  [
    'the user arranges it',
    'mine.tfrc says where providers come from',
    async () => options(false, await own()),
  ],
])('is not needed where %s, and an earlier one is not used any more', async (_, reason, given) => {
  await providerMirror(options(false));
  expect(await providerMirror(await given())).toBeUndefined();
  await expect(stat(configurationFile(cache))).rejects.toThrow('ENOENT');
  expect(said.at(-1)).toContain(reason);
});

it('is made where it is asked for, without asking the registry or looking at other settings', async () => {
  const environment = { PROVEHOUSE_PROVIDER_MIRROR: 'always', ...(await own()) };
  const file = await providerMirror({
    ...options(true, environment),
    isRegistryReachable: () => Promise.reject(new Error('must not be asked')),
  });
  expect(file).toBe(configurationFile(cache));
  expect(said.join('\n')).toContain('PROVEHOUSE_PROVIDER_MIRROR is always');
});

it('refuses another value of its setting', async () => {
  const attempt = providerMirror(options(true, { PROVEHOUSE_PROVIDER_MIRROR: 'yes' }));
  await expect(attempt).rejects.toThrow(MirrorSettingError);
  await expect(attempt).rejects.toThrow(
    'Expected PROVEHOUSE_PROVIDER_MIRROR to be auto, always or never, found "yes".',
  );
});
