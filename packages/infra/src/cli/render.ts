import { join } from 'node:path';
import type { Secrets } from '@provehouse/secrets';
import type { EmbeddedChoice } from '../clickhouse/engine.ts';
import { COMPONENTS } from '../components/index.ts';
import type { Plan } from '../native/plan.ts';
import { portRequests, shownFiles } from '../native/platform.ts';
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

/**
 * The configuration files that `up` would write, by path, with names where the secrets stand.
 * Ports are those by convention.
 */
export function renderConfiguration(
  home: string,
  name: string,
  { shards = 2, replicas = 2 }: { readonly shards?: number; readonly replicas?: number },
  dagsFolder: string,
): ReadonlyMap<string, string> {
  const folder = stateFolder(home, name);
  const engine: EmbeddedChoice = {
    name: 'chdb',
    coordination: { kind: 'zookeeper', command: ['java'], members: 3 },
  };
  const shape = { shards, replicas, airflow: true, engine };
  const requests = portRequests(COMPONENTS, shape);
  const plan: Plan = {
    ...{ ...shape, dagsFolder, databaseEngine: 'atomic' },
    ports: Object.fromEntries(requests.map((request) => [request.name, request.preferred])),
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
