import { STORAGE_TYPES } from './clickhouse-storage.ts';
import { publishedPorts } from './docker/container-plan.ts';
import { portRequests } from './native/plan.ts';
import { createTopology } from './topology.ts';

/** Names of all ports that can be set on some runtime. @throws TopologyError */
export function requestedPorts(shape: {
  readonly shards?: number;
  readonly replicas?: number;
}): string[] {
  const topology = createTopology(shape);
  const requests = [
    ...portRequests(topology, true),
    ...STORAGE_TYPES.flatMap((storage) =>
      publishedPorts(topology, { airflow: true, storage, consumers: [] }),
    ),
  ];
  return [...new Set(requests.map(({ name }) => name))];
}
