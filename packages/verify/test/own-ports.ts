import { createTopology } from '@provehouse/infra';

/** The ports of a node. */
export interface NodePorts {
  readonly http: number;
  readonly native: number;
}

const COORDINATORS = ['zookeeper-01', 'zookeeper-02', 'zookeeper-03'];
const PER_COORDINATOR = ['client', 'peer', 'election'];
const COORDINATOR_PORTS = COORDINATORS.length * PER_COORDINATOR.length;

/*
 * Ports that no other test process takes: at the usual ones another platform could come up while a
 * test has stopped a node, and be asked in its place. They lie below those of outgoing connections.
 */
const { nodes } = createTopology();
const PER_CLUSTER = 2 * nodes.length + COORDINATOR_PORTS;
/** The cluster that test files share, and one that a file has for itself. */
const PER_PROCESS = 2 * PER_CLUSTER;
const first = 20_000 + (process.pid % 350) * PER_PROCESS;

/** Ports for the nodes of a cluster that files share, or that a file has for itself, by node. */
export const ownNodePorts = (cluster: 'shared' | 'own' = 'own'): Record<string, NodePorts> => {
  const start = cluster === 'shared' ? first : first + PER_CLUSTER;
  return Object.fromEntries(
    nodes.map(({ name }, index) => [
      name,
      { http: start + index, native: start + nodes.length + index },
    ]),
  );
};

/** The same by the names that `up` knows them under. */
export const ownPorts = (cluster?: 'shared' | 'own'): Record<string, number> =>
  Object.fromEntries(
    Object.entries(ownNodePorts(cluster)).flatMap(([name, { http, native }]) => [
      [`${name}.http`, http],
      [`${name}.native`, native],
    ]),
  );

/** Ports for three ZooKeepers beside the nodes, by the names that `up` knows them under. */
export const ownCoordinatorPorts = (): Record<string, number> =>
  Object.fromEntries(
    COORDINATORS.flatMap((name) => PER_COORDINATOR.map((port) => `${name}.${port}`)).map(
      (name, index) => [name, first + PER_CLUSTER + 2 * nodes.length + index],
    ),
  );
