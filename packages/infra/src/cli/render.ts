import { join } from 'node:path';
import type { Secrets } from '@provehouse/secrets';
import { airflowEnvironment } from '../airflow/environment.ts';
import { environmentOptions } from '../native/airflow-options.ts';
import { renderNode } from '../native/clickhouse.ts';
import { chdbEngine } from '../native/engines/chdb.ts';
import type { EmbeddedChoice } from '../clickhouse/engine.ts';
import { nodesOf, portOf, portRequests, type Plan } from '../native/plan.ts';
import { stateFolder } from '../state/state-folder.ts';
import { createTopology } from '../clickhouse/topology.ts';

/** What stands for a secret in configuration that is shown. */
const hidden = (field: string): string => `<${field}>`;

/** Secrets that show their names instead of values. */
export const hiddenSecrets = new Proxy({} as Secrets, {
  get: (_, field) => (typeof field === 'string' ? hidden(field) : undefined),
});

/**
 * The configuration files that `up` would write, by path, with names where the secrets stand.
 * Ports are those by convention.
 */
export function renderConfiguration(
  home: string,
  name: string,
  shape: { readonly shards?: number; readonly replicas?: number },
  dagsFolder: string,
): ReadonlyMap<string, string> {
  const folder = stateFolder(home, name);
  const topology = createTopology(shape);
  const engine: EmbeddedChoice = {
    name: 'chdb',
    coordination: { kind: 'zookeeper', command: ['java'], members: 3 },
  };
  const requests = portRequests(topology, true, engine);
  const ports = Object.fromEntries(requests.map((request) => [request.name, request.preferred]));
  const plan: Plan = {
    ...topology,
    ...{ airflow: true, dagsFolder, engine, databaseEngine: 'atomic', ports },
  };
  const nodes = nodesOf(plan);
  const nodeEngine = chdbEngine({
    ...{ folder, topology, engine, secrets: hiddenSecrets },
    ...{ python: 'python', library: 'libchdb.so', portOf: (name) => portOf(plan, name) },
  });
  const files = new Map<string, string>();
  for (const node of nodes) {
    const rendered = renderNode(
      { folder, topology, nodes, secrets: hiddenSecrets, engine: nodeEngine },
      node,
    );
    for (const [file, text] of Object.entries(rendered)) {
      files.set(join(folder.config, node.name, file), text);
    }
  }
  const environment = airflowEnvironment(
    environmentOptions({
      ...{ folder, secrets: hiddenSecrets, dagsFolder, topology, nodes },
      ports: { api: 8080, flower: 5555, schedulerHealth: 8974, postgres: 5432, redis: 6379 },
    }),
  );
  files.set(
    join(folder.config, 'airflow', 'environment.json'),
    `${JSON.stringify(environment, null, 2)}\n`,
  );
  return files;
}
