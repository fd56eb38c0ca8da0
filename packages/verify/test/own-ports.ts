import { createTopology } from '@provehouse/infra';

/** The ports of a node. */
export interface NodePorts {
  readonly http: number;
  readonly native: number;
}

const COORDINATORS = ['zookeeper-01', 'zookeeper-02', 'zookeeper-03'];
const PER_COORDINATOR = ['client', 'peer', 'election'];
const PER_PROCESS = 20;

/*
 * Ports that no other test process takes: at the usual ones another platform could come up while a
 * test has stopped a node, and be asked in its place. They lie below those of outgoing connections.
 */
const first = 20_000 + (process.pid % 600) * PER_PROCESS;
const { nodes } = createTopology();

/** Ports for the nodes of a test's cluster, by node. */
export const ownNodePorts = (): Record<string, NodePorts> =>
  Object.fromEntries(
    nodes.map(({ name }, index) => [
      name,
      { http: first + index, native: first + nodes.length + index },
    ]),
  );

/** The same by the names that `up` knows them under. */
export const ownPorts = (): Record<string, number> =>
  Object.fromEntries(
    Object.entries(ownNodePorts()).flatMap(([name, { http, native }]) => [
      [`${name}.http`, http],
      [`${name}.native`, native],
    ]),
  );

/** Ports for three ZooKeepers beside the nodes, by the names that `up` knows them under. */
export const ownCoordinatorPorts = (): Record<string, number> =>
  Object.fromEntries(
    COORDINATORS.flatMap((name) => PER_COORDINATOR.map((port) => `${name}.${port}`)).map(
      (name, index) => [name, first + 2 * nodes.length + index],
    ),
  );
