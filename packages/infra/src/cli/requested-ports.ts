import { STORAGE_TYPES } from '../clickhouse/storage.ts';
import { KEEPERS, publishedPorts } from '../docker/container-plan.ts';
import type { EngineChoice } from '../clickhouse/engine.ts';
import { portRequests } from '../native/plan.ts';
import { createTopology } from '../clickhouse/topology.ts';

/** An engine of each kind that has ports of its own. */
const ENGINE_CHOICES = [
  ...(['keeper', 'zookeeper'] as const).map((kind) => ({
    ...{ name: 'server' as const, command: ['clickhouse'], version: '' },
    coordination: { kind, command: ['coordinator'], members: 3 as const },
  })),
] satisfies EngineChoice[];

/** Names of all ports that can be set on some runtime. @throws TopologyError */
export function requestedPorts(shape: {
  readonly shards?: number;
  readonly replicas?: number;
}): string[] {
  const topology = createTopology(shape);
  const requests = [
    ...ENGINE_CHOICES.flatMap((engine) => portRequests(topology, true, engine)),
    ...STORAGE_TYPES.flatMap((storage) =>
      publishedPorts(topology, { keepers: KEEPERS, airflow: true, storage, consumers: [] }),
    ),
  ];
  return [...new Set(requests.map(({ name }) => name))];
}
