import type { EngineChoice } from '../clickhouse/engine.ts';
import { KEEPERS } from '../clickhouse/keeper-config.ts';
import { STORAGE_TYPES } from '../clickhouse/storage.ts';
import { createTopology } from '../clickhouse/topology.ts';
import { COMPONENTS } from '../components/index.ts';
import { publishedPorts } from '../docker/components.ts';
import { MODULES } from '../runtime.ts';
import { portRequests } from '../native/platform.ts';

/** An engine of each kind that has ports of its own. */
const ENGINE_CHOICES = [
  ...(['keeper', 'zookeeper'] as const).map((kind) => ({
    ...{ name: 'server' as const, command: ['clickhouse'], version: '' },
    coordination: { kind, command: ['coordinator'], members: 3 as const },
  })),
] satisfies EngineChoice[];

/** Every module, with any command. */
const ALL_MODULES = Object.fromEntries(MODULES.map((module) => [module, [module]]));

/** Names of all ports that can be set on some runtime. @throws TopologyError */
export function requestedPorts(shape: {
  readonly shards?: number;
  readonly replicas?: number;
}): string[] {
  const { shards, replicas } = createTopology(shape);
  const requests = [
    ...ENGINE_CHOICES.flatMap((engine) =>
      portRequests(COMPONENTS, { shards, replicas, airflow: true, engine, modules: ALL_MODULES }),
    ),
    ...STORAGE_TYPES.flatMap((storage) =>
      publishedPorts(COMPONENTS, {
        ...{ shards, replicas, keepers: KEEPERS, airflow: true, storage, consumers: [] },
        modules: [...MODULES],
      }),
    ),
  ];
  return [...new Set(requests.map(({ name }) => name))];
}
