import { askCapabilities } from '../../clickhouse/node.ts';
import { replicationNote } from '../../clickhouse/replication-note.ts';
import { createTopology } from '../../clickhouse/topology.ts';
import { coordinationServers, coordinatorNames } from '../../native/engines/ensemble.ts';
import { firstOf, type Capabilities } from '../../state/deployment.ts';
import { memoizeEach } from '../../system/memoize.ts';
import { portOf } from '../../system/ports.ts';
import type { NativeContext, NativeSide } from '../native-side.ts';
import { describeCluster, untilWhole, type Cluster } from './cluster.ts';
import { nodeFiles, nodeProcess } from './node-process.ts';
import { nativeNodes, nodePorts } from './nodes.ts';

/** Nodes as processes of this machine. */
export const clickhouseProcesses: NativeSide = {
  isPart: () => true,
  startOrder: 5,
  ports: (shape) => [
    ...nodePorts(shape),
    // The embedded engine's peers use its HTTP port.
    ...(shape.engine.name === 'chdb'
      ? []
      : createTopology(shape).nodes.map(({ name }, index) => ({
          ...{ name: `${name}.interserver`, preferred: 9109 + index },
        }))),
  ],
  processes: (context) => nativeNodes(context.plan).map((node) => nodeProcess(context, node)),
  files: (context) =>
    Object.assign({}, ...nativeNodes(context.plan).map((node) => nodeFiles(context, node))),
  settle: (context) => untilWhole(clusterOf(context)),
  describe: async (context) => ({
    clickhouse: await describeCluster(clusterOf(context), await nativeCapabilities(context)),
  }),
};

/** What the nodes of a platform can do, once they serve. */
export const nativeCapabilities = memoizeEach(
  async (context: NativeContext): Promise<Capabilities> => {
    const { plan, secrets } = context;
    const first = firstOf(nativeNodes(plan));
    // Others may be ready before them.
    await context.untilReady(first.name);
    return askCapabilities(first, secrets, createTopology(plan).database);
  },
);

const clusterOf = ({ plan, secrets }: NativeContext): Cluster => ({
  ...{ topology: createTopology(plan), nodes: nativeNodes(plan), secrets },
  databaseEngine: plan.databaseEngine,
  ...noteOf(plan),
  ...coordinationOf(plan),
});

function noteOf({ engine }: NativeContext['plan']): Pick<Cluster, 'replicationNote'> {
  if (engine.name === 'server') return {};
  const { coordination, withoutCoordination: reason } = engine;
  return {
    replicationNote: replicationNote(coordination ? 'keeper' : 'distributed-writes', reason),
  };
}

function coordinationOf(plan: NativeContext['plan']): Pick<Cluster, 'coordination'> {
  const { coordination } = plan.engine;
  if (coordination === undefined) return {};
  const names = coordinatorNames(coordination);
  const servers = coordinationServers(coordination, (name) => portOf(plan, name));
  return {
    coordination: {
      kind: coordination.kind,
      servers: servers.map((server, index) => ({
        ...(names[index] !== undefined && { name: names[index] }),
        ...server,
      })),
    },
  };
}
