import { createTopology } from '../../clickhouse/topology.ts';
import type { ContainerPlan } from '../../docker/container-plan.ts';
import type { Plan } from '../../native/plan.ts';
import type { ClickHouseNode } from '../../state/deployment.ts';
import { portOf, type PortRequest } from '../../system/ports.ts';

const HOST = '127.0.0.1';

/** Where a node's peers fetch parts from it, at its name in the containers' network. */
const INTERSERVER_PORT = 9009;

/** The ports that nodes have in every runtime, with the numbers that they have by convention. */
export const nodePorts = (shape: {
  readonly shards: number;
  readonly replicas: number;
}): PortRequest[] =>
  createTopology(shape).nodes.flatMap(({ name }, index) => [
    { name: `${name}.http`, preferred: 8123 + index },
    { name: `${name}.native`, preferred: 9000 + index },
  ]);

/** The nodes of a plan of processes with their addresses. */
export function nativeNodes(plan: Plan): ClickHouseNode[] {
  const { name: engine, coordination } = plan.engine;
  return createTopology(plan).nodes.map((node) => ({
    ...node,
    host: HOST,
    httpPort: portOf(plan, `${node.name}.http`),
    nativePort: portOf(plan, `${node.name}.native`),
    ...(coordination && {
      // The embedded engine has one HTTP port, at an address for queries and one for its peers.
      interserverPort: portOf(plan, `${node.name}.${engine === 'chdb' ? 'http' : 'interserver'}`),
    }),
  }));
}

/** The nodes of a plan of containers: where this machine reaches them, and where they reach each other. */
export function containerNodes(plan: ContainerPlan): ClickHouseNode[] {
  return createTopology(plan).nodes.map((node) => ({
    ...node,
    host: HOST,
    httpPort: portOf(plan, `${node.name}.http`),
    nativePort: portOf(plan, `${node.name}.native`),
    inside: { host: node.name, httpPort: 8123, nativePort: 9000 },
    ...(plan.replication === 'keeper' && { interserverPort: INTERSERVER_PORT }),
  }));
}
