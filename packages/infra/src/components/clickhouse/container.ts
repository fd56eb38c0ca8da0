import type { Secrets } from '@provehouse/secrets';
import { backupsIn } from '../../backup/backup-name.ts';
import { renderNodeConfig } from '../../clickhouse/config.ts';
import { SESSION_TIMEOUT_MS } from '../../clickhouse/coordination.ts';
import { KEEPER_PORTS, keeperNames } from '../../clickhouse/keeper-config.ts';
import { askCapabilities, askName, createDatabase } from '../../clickhouse/node.ts';
import { replicationNote } from '../../clickhouse/replication-note.ts';
import type { BucketLogin } from '../../clickhouse/storage.ts';
import { createTopology } from '../../clickhouse/topology.ts';
import { accountsOf, renderUsersConfig } from '../../clickhouse/users.ts';
import { EngineError } from '../../docker/engine.ts';
import type { ContainerPlan } from '../../docker/container-plan.ts';
import { proveStorage } from '../../docker/storage-proof.ts';
import { addressInside, firstOf, type ClickHouseNode } from '../../state/deployment.ts';
import { memoizeEach } from '../../system/memoize.ts';
import type { ContainerContext, ContainerFiles, ContainerSide } from '../container-side.ts';
import { containerKeepers } from '../coordination.ts';
import { mayHaveQueues } from '../kafka/accounts.ts';
import { nodesLoginInside } from '../kafka/container.ts';
import { monitorOf } from '../monitoring/account.ts';
import { bucketInside, STORAGE_INSIDE } from '../storage/container.ts';
import { describeCluster, untilWhole, type Cluster } from './cluster.ts';
import { containerNodes, nodePorts } from './nodes.ts';

/** Nodes in containers, over the configuration that their image has. */
export const clickhouseContainers: ContainerSide = {
  isPart: () => true,
  images: ['clickhouse'],
  keepsData: true,
  ports: nodePorts,
  files(plan, secrets) {
    const nodes = containerNodes(plan).map((node) => ({ ...node, ...addressInside(node) }));
    return Object.assign({}, ...nodes.map((node) => nodeFiles(plan, secrets, nodes, node)));
  },
  variables: (plan) => ({
    clickhouse_nodes: containerNodes(plan).map(
      ({ name, shard, replica, httpPort, nativePort }) => ({
        ...{ name, shard, replica, http_port: httpPort, native_port: nativePort },
      }),
    ),
    ...(plan.openFiles !== undefined && { clickhouse_open_files: plan.openFiles }),
  }),
  async settle(context, signal) {
    const { name, plan, secrets } = context;
    const { database } = createTopology(plan);
    const nodes = containerNodes(plan);
    await Promise.all(
      nodes.map(async (node) => {
        await askName(node, secrets, signal);
        await createDatabase(node, secrets, database);
      }),
    );
    await untilWhole(clusterOf(context));
    const { storage } = plan;
    await Promise.all(nodes.map((node) => proveStorage({ name, storage, node, secrets })));
    const { replication } = await containerCapabilities(context);
    if (replication !== plan.replication) {
      throw new EngineError(
        `Expected nodes with replication by ${plan.replication}, found ${replication}. ` +
          'Look whether the Keepers run: infra:status.',
      );
    }
  },
  describe: async (context) => ({
    clickhouse: await describeCluster(clusterOf(context), await containerCapabilities(context)),
  }),
};

/** What the nodes of a platform can do, once their database is made. */
export const containerCapabilities = memoizeEach(({ plan, secrets }: ContainerContext) =>
  askCapabilities(firstOf(containerNodes(plan)), secrets, createTopology(plan).database),
);

function nodeFiles(
  plan: ContainerPlan,
  secrets: Secrets,
  nodes: readonly ClickHouseNode[],
  node: ClickHouseNode,
): ContainerFiles {
  const topology = createTopology(plan);
  const { interserverPort: port } = node;
  return {
    [`clickhouse/${node.name}/config.xml`]: renderNodeConfig({
      ...{ topology, nodes, node },
      internalReplication: plan.replication === 'keeper',
      clusterLogin: { secret: secrets.interserver_password },
      ...(port !== undefined && {
        coordination: {
          servers: keeperNames(plan.keepers).map((host) => ({ host, port: KEEPER_PORTS.client })),
          interserver: {
            ...{ host: node.name, port, user: secrets.interserver_user },
            password: secrets.interserver_password,
          },
          sessionTimeoutMs: SESSION_TIMEOUT_MS,
        },
      }),
      ...(mayHaveQueues(secrets) && { kafka: nodesLoginInside(secrets) }),
      ...(plan.modules.includes('monitoring') && { metrics: true }),
      ...(plan.modules.includes('storage') && {
        bucket: filesLogin(secrets),
        backups: backupsIn(filesLogin(secrets)),
      }),
      ...(plan.storage !== 'local_ssd' && {
        storage: {
          ...{ type: plan.storage, endpoint: STORAGE_INSIDE },
          accessKey: secrets.minio_root_user,
          secretKey: secrets.minio_root_password,
        },
      }),
    }),
    [`clickhouse/${node.name}/users.xml`]: renderUsersConfig(
      {
        ...accountsOf(secrets),
        ...(plan.modules.includes('monitoring') && { monitor: monitorOf(secrets) }),
      },
      topology.database,
      { embedded: false, overImage: true },
    ),
    [`clickhouse/${node.name}/health.headers`]: healthLogin(secrets),
  };
}

/** Where nodes find files, and the keys. */
function filesLogin(secrets: Secrets): BucketLogin {
  const { endpoint, bucket, accessKey, secretKey } = bucketInside(secrets);
  return { url: `${endpoint}/${bucket}`, accessKey, secretKey };
}

/** Header of HTTP that logs the health check in as the reader; in Base64 every password survives it. */
const healthLogin = ({ bi_user_name, bi_user_password }: Secrets): string =>
  `Authorization: Basic ${Buffer.from(`${bi_user_name}:${bi_user_password}`).toString('base64')}\r\n`;

const clusterOf = ({ plan, secrets }: ContainerContext): Cluster => ({
  ...{ topology: createTopology(plan), nodes: containerNodes(plan), secrets },
  databaseEngine: 'atomic',
  ...(plan.engine === 'chdb' && {
    replicationNote: replicationNote(
      plan.replication,
      "the image's label org.provehouse.replication says so",
    ),
  }),
  ...(plan.keepers > 0 && { coordination: { kind: 'keeper', servers: containerKeepers(plan) } }),
});
