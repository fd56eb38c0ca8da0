import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DDL_QUEUE, renderNodeConfig } from '../../clickhouse/config.ts';
import { SESSION_TIMEOUT_MS } from '../../clickhouse/coordination.ts';
import { untilQueueIsWatched } from '../../clickhouse/ddl-queue.ts';
import {
  askCapabilities,
  askClusterSize,
  askName,
  askVersion,
  createDatabase,
  createDatabaseOnCluster,
} from '../../clickhouse/node.ts';
import { replicationNote } from '../../clickhouse/replication-note.ts';
import { createTopology } from '../../clickhouse/topology.ts';
import { accountsOf, renderUsersConfig } from '../../clickhouse/users.ts';
import type { NativeProcess } from '../../native/component.ts';
import { chdbEngine } from '../../native/engines/chdb.ts';
import { coordinationServers, coordinatorNames } from '../../native/engines/ensemble.ts';
import type { NodeEngine } from '../../native/engines/node-engine.ts';
import { serverEngine } from '../../native/engines/server.ts';
import {
  firstOf,
  type Capabilities,
  type ClickHouseNode,
  type Deployment,
} from '../../state/deployment.ts';
import { memoizeEach } from '../../system/memoize.ts';
import { portOf } from '../../system/ports.ts';
import type { NativeContext, NativeSide } from '../native-side.ts';
import { nativeNodes, nodePorts } from './nodes.ts';

type Clickhouse = Deployment['clickhouse'];

/** Nodes as processes: of the embedded engine or of servers, as the plan says. */
export const clickhouseProcesses: NativeSide = {
  isPart: () => true,
  startOrder: 5,
  ports: (shape) => [
    ...nodePorts(shape),
    ...(shape.engine.name === 'chdb'
      ? []
      : createTopology(shape).nodes.map(({ name }, index) => ({
          ...{ name: `${name}.interserver`, preferred: 9109 + index },
        }))),
  ],
  processes(context) {
    const engine = engineOf(context);
    return nativeNodes(context.plan).map((node) => nodeProcess(context, engine, node));
  },
  files: (context) =>
    Object.assign(
      {},
      ...nativeNodes(context.plan).map((node) => nodeFiles(context, engineOf(context), node)),
    ),
  settle: (context) => askWhole(context),
  describe: async (context) => ({ clickhouse: await describeCluster(context) }),
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

function engineOf({ folder, plan, secrets, programs: { python } }: NativeContext): NodeEngine {
  const { engine } = plan;
  const topology = createTopology(plan);
  const shared = { folder, secrets, topology, portOf: (name: string) => portOf(plan, name) };
  return engine.name === 'chdb'
    ? chdbEngine({ ...shared, engine, python })
    : serverEngine({ ...shared, engine });
}

function nodeProcess(
  context: NativeContext,
  engine: NodeEngine,
  node: ClickHouseNode,
): NativeProcess {
  const { folder, plan, secrets } = context;
  const dataFolder = join(folder.data, node.name);
  const errorLog = engine.errorLogFile?.(node);
  return {
    name: node.name,
    command: engine.command(node, {
      configFile: join(folder.config, node.name, 'config.xml'),
      dataFolder,
    }),
    address: `${node.host}:${node.httpPort}`,
    url: `http://${node.host}:${node.httpPort}/play`,
    budgetSeconds: 60,
    ...(errorLog !== undefined && { errorLog }),
    ...(engine.after && { after: engine.after }),
    async prepare() {
      await mkdir(dataFolder, { recursive: true });
      for (const [path, text] of Object.entries(nodeFiles(context, engine, node))) {
        const file = join(folder.config, path);
        await mkdir(dirname(file), { recursive: true });
        await writeFile(file, text, { mode: 0o600 });
      }
    },
    async probe(signal) {
      await askName(node, secrets, signal);
      await engine.probe?.(node);
    },
    async provision() {
      await createDatabase(node, secrets, createTopology(plan).database, plan.databaseEngine);
    },
  };
}

/** The configuration files of one node. */
function nodeFiles(
  { folder, plan, secrets }: NativeContext,
  engine: NodeEngine,
  node: ClickHouseNode,
): Record<string, string> {
  const topology = createTopology(plan);
  const { dialect, embedded, clusterLogin } = engine;
  const coordination = engine.coordination?.(node);
  const errorLogFile = engine.errorLogFile?.(node);
  const peerHost = engine.peerHost?.(node);
  return {
    [`${node.name}/config.xml`]: renderNodeConfig({
      ...{ topology, nodes: nativeNodes(plan), node, clusterLogin, dialect },
      standalone: {
        listenHosts: [node.host, ...(peerHost === undefined ? [] : [peerHost])],
        dataFolder: join(folder.data, node.name),
        logFile: join(folder.logs, `${node.name}.server.log`),
        ...(errorLogFile !== undefined && { errorLogFile }),
        usersFile: join(folder.config, node.name, 'users.xml'),
        embedded,
      },
      internalReplication: coordination !== undefined,
      ...(coordination && { coordination }),
    }),
    [`${node.name}/users.xml`]: renderUsersConfig(accountsOf(secrets), topology.database, {
      ...{ embedded, dialect },
    }),
  };
}

/** Rejects unless statements, or else queries, of the first node reach all nodes of the cluster. */
async function askWhole({ plan, secrets }: NativeContext): Promise<void> {
  const { cluster, database } = createTopology(plan);
  const nodes = nativeNodes(plan);
  const expected = nodes.length;
  const { coordination } = plan.engine;
  if (coordination === undefined) {
    return askClusterSize(firstOf(nodes), secrets, { cluster, expected });
  }
  // Others may watch things in somebody else's ensemble.
  if (coordination.kind !== 'existing') {
    const servers = coordinationServers(coordination, (name) => portOf(plan, name));
    await untilQueueIsWatched(servers, expected);
  }
  const { databaseEngine } = plan;
  return createDatabaseOnCluster(firstOf(nodes), secrets, {
    ...{ cluster, database, databaseEngine, expected },
  });
}

async function describeCluster(context: NativeContext): Promise<Clickhouse> {
  const { plan, secrets } = context;
  const { cluster, database } = createTopology(plan);
  const nodes = nativeNodes(plan);
  return {
    ...{ cluster, database, nodes },
    internalReplication: plan.engine.coordination !== undefined,
    version: await askVersion(firstOf(nodes), secrets),
    capabilities: await nativeCapabilities(context),
    ...noteOf(context),
    ...coordinationOf(context),
    users: { administrator: secrets.super_user_name, reader: secrets.bi_user_name },
  };
}

function noteOf({ plan: { engine } }: NativeContext): Pick<Clickhouse, 'replicationNote'> {
  if (engine.name === 'server') return {};
  const { coordination, withoutCoordination: reason } = engine;
  return {
    replicationNote: replicationNote(coordination ? 'keeper' : 'distributed-writes', reason),
  };
}

function coordinationOf({ plan }: NativeContext): Pick<Clickhouse, 'coordination'> {
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
      ddlQueue: DDL_QUEUE,
      sessionTimeoutMs: SESSION_TIMEOUT_MS,
    },
  };
}
