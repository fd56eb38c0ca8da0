import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateSecrets, readSecrets, writeSecrets, type Secrets } from '@provehouse/secrets';
import { cacheFolder } from '../src/state/cache-folder.ts';
import { containersOf, remainsOf } from '../src/docker/containers.ts';
import { KEEPERS, keeperNames } from '../src/clickhouse/keeper-config.ts';
import { COMPONENTS } from '../src/components/index.ts';
import { publishedPorts } from '../src/docker/components.ts';
import { dockerRuntime } from '../src/docker/docker-runtime.ts';
import { checkEngine } from '../src/docker/engine.ts';
import { checkProvidedImages, readProvidedImages } from '../src/docker/provided-images.ts';
import { findTerraform } from '../src/docker/terraform-program.ts';
import { MODULES, type Runtime, type UpOptions } from '../src/runtime.ts';
import { stateFolder } from '../src/state/state-folder.ts';
import { createTopology } from '../src/clickhouse/topology.ts';
import { withHardPasswords } from './hard-passwords.ts';
import { sayNotTested } from './say-not-tested.ts';

/** A platform of containers with a name, ports and a folder of its own; nothing of it stays. */
export interface ContainerPlatform extends AsyncDisposable {
  readonly name: string;
  readonly home: string;
  readonly runtime: Runtime;
  /** Ports of the nodes and of their Keepers by name that no other test takes. */
  readonly ports: Readonly<Record<string, number>>;
  /** Ports like these of everything that is published with such options. */
  portsFor(options: UpOptions): Readonly<Record<string, number>>;
  secrets(): Promise<Secrets>;
  /** Ids of the containers by component. */
  ids(): Promise<Readonly<Record<string, string>>>;
  remains(): ReturnType<typeof remainsOf>;
}

export async function containerPlatform(components = COMPONENTS): Promise<ContainerPlatform> {
  const name = `test-${process.pid}`;
  const home = await mkdtemp(join(tmpdir(), 'provehouse-test-'));
  const runtime = dockerRuntime({ home, name, components });
  await mkdir(runtime.directory);
  const { secretsFile } = stateFolder(home, name);
  await writeSecrets(secretsFile, withHardPasswords(generateSecrets()), { force: false });
  return {
    ...{ name, home, runtime, ports: ownPorts(), portsFor },
    secrets: () => readSecrets(secretsFile),
    async ids() {
      const containers = await containersOf(name);
      return Object.fromEntries(containers.map(({ component, id }) => [component, id]));
    },
    remains: () => remainsOf(name),
    async [Symbol.asyncDispose]() {
      await runtime.down({ purge: true });
      await rm(home, { recursive: true });
    },
  };
}

/** Names of all published ports but those of nodes and Keepers. */
const SERVICES = publishedPorts(COMPONENTS, {
  ...{ shards: 1, replicas: 1, keepers: KEEPERS, airflow: true, storage: 's3_ssd', consumers: [] },
  modules: [...MODULES],
}).flatMap(({ name }) => (name.includes('.') ? [] : [name]));

const nodes = createTopology().nodes.map(({ name }) => name);
/** Names of the ports of nodes and Keepers. */
const OF_CLUSTER = [
  ...nodes.map((name) => `${name}.http`),
  ...nodes.map((name) => `${name}.native`),
  ...keeperNames(KEEPERS).map((name) => `${name}.client`),
];

// Two files are tested at a time, each by a process of its own.
const slot = (process.pid % 250) * 2 + (Number(process.env['VITEST_POOL_ID'] ?? 0) % 2);
const firstPort = 20_000 + slot * (OF_CLUSTER.length + SERVICES.length);

const ownPorts = (): Record<string, number> =>
  Object.fromEntries(OF_CLUSTER.map((name, index) => [name, firstPort + index]));

function portsFor(options: UpOptions): Record<string, number> {
  const { shards = 2, replicas = 2, without = [], storage = 'local_ssd', consumers = [] } = options;
  const cluster = ownPorts();
  const services = firstPort + Object.keys(cluster).length;
  const published = publishedPorts(COMPONENTS, {
    ...{ shards, replicas, keepers: KEEPERS, storage },
    airflow: !without.includes('airflow'),
    consumers: [...consumers],
    modules: [...(options.with ?? [])],
  });
  return Object.fromEntries(
    published.map(({ name }) => [name, cluster[name] ?? services + SERVICES.indexOf(name)]),
  );
}

/** Why no container can be started here; undefined when it can. Says it loudly. */
export async function whyNoContainers(): Promise<string | undefined> {
  try {
    const cache = cacheFolder(process.env);
    await checkEngine();
    await findTerraform(process.env, cache);
    await checkProvidedImages(await readProvidedImages(cache));
    return undefined;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    sayNotTested('containers', reason);
    return reason;
  }
}
