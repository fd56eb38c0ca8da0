import { join } from 'node:path';
import type { Secrets } from '@provehouse/secrets';
import { COMPONENTS } from '../components/index.ts';
import { chooseEngine, type EngineSources } from '../native/engines/choose-engine.ts';
import type { Plan } from '../native/plan.ts';
import { portRequests, shownFiles } from '../native/platform.ts';
import { wantedEndpoint } from '../native/wanted-endpoint.ts';
import { wantedModules } from '../native/wanted-modules.ts';
import { withAirflow, type UpOptions } from '../runtime.ts';
import { stateFolder } from '../state/state-folder.ts';

/** What stands for a secret in configuration that is shown. */
const hidden = (field: string): string => `<${field}>`;

/** Secrets that show their names instead of values. */
export const hiddenSecrets = new Proxy({} as Secrets, {
  get: (_, field) => (typeof field === 'string' ? hidden(field) : undefined),
});

/** No program is started by configuration that is shown, so none has to be installed. */
const PROGRAMS = {
  ...{ python: 'python', airflow: 'airflow', supervisord: 'supervisord' },
  ...{ postgres: 'postgres', valkey: 'valkey-server', lockFile: 'uv.lock' },
};

/** Nor is anything downloaded or examined: the embedded engine is taken for one that replicates. */
const SOURCES: EngineSources = {
  environment: process.env,
  provideEmbedded: () => Promise.resolve(),
  examineEmbedded: () => Promise.resolve({ version: 'as it is installed' }),
  provideZookeeper: () => Promise.resolve(['java']),
};

/** As if every program were there that a module has only where it can be had. */
const SHOWN_PROGRAMS = ['java', 'statsd_exporter'];

/**
 * The configuration files that `up` of processes would write with these options, by path, with names
 * where the secrets stand. Ports that were not asked for are those by convention.
 * @throws EngineError for a server where this machine has none, or for options that contradict each other
 */
export async function renderConfiguration(
  home: string,
  name: string,
  options: UpOptions & { readonly dagsFolder: string },
): Promise<ReadonlyMap<string, string>> {
  const { shards = 2, replicas = 2, databaseEngine = 'atomic', dagsFolder } = options;
  const folder = stateFolder(home, name);
  const airflow = withAirflow(options, undefined);
  const engine = await chooseEngine({ ...options, airflow }, SOURCES, { message() {} });
  const { storage = 'local_ssd' } = options;
  const wanted = wantedModules(options, storage, []);
  const modules = Object.fromEntries(wanted.map((module) => [module, SHOWN_PROGRAMS]));
  const storageEndpoint = wantedEndpoint(options, wanted, undefined);
  const shape = {
    ...{ shards, replicas, airflow, engine, modules },
    ...(storageEndpoint !== undefined && { storageEndpoint }),
  };
  const requests = portRequests(COMPONENTS, shape);
  const ports = Object.fromEntries(requests.map(({ name, preferred }) => [name, preferred]));
  const plan: Plan = {
    ...shape,
    dagsFolder,
    ...{ databaseEngine, storage },
    ports: { ...ports, ...options.ports },
  };
  const files = shownFiles(COMPONENTS, {
    ...{ folder, plan, secrets: hiddenSecrets, programs: PROGRAMS },
    untilReady: () => Promise.resolve(),
    message() {},
  });
  return new Map(
    Object.entries(files).map(([path, text]) => [
      join(folder.config, path),
      text.endsWith('\n') ? text : `${text}\n`,
    ]),
  );
}
