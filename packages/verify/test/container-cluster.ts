import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClickHouseCluster, type StartedClickHouseCluster } from '@provehouse/clickhouse-cluster';
import {
  cacheFolder,
  readProvidedImages,
  writeDeployment,
  type Deployment,
} from '@provehouse/infra';
import { generateSecrets, writeSecrets } from '@provehouse/secrets';
import { z } from 'zod';
import type { NodePorts } from './own-ports.ts';
import type { ClusterHost } from './test-cluster.ts';

/** Where the files that a test may edit are in a container. */
const FILES = {
  'config.xml': '/etc/clickhouse-server/config.d/provehouse.xml',
  'users.xml': '/etc/clickhouse-server/users.d/provehouse.xml',
} as const;

/** A cluster in containers for a test, at ports that it keeps. */
export async function startContainerCluster(
  fixedPorts: Readonly<Record<string, NodePorts>>,
): Promise<ClusterHost> {
  const secrets = generateSecrets();
  const { clickhouse } = await readProvidedImages(cacheFolder(process.env));
  const image = process.env['PROVEHOUSE_CLICKHOUSE_IMAGE'] || clickhouse?.reference;
  const cluster = await new ClickHouseCluster(image)
    .withKeepers(0)
    .withFixedPorts(fixedPorts)
    .withUser({ name: secrets.super_user_name, password: secrets.super_user_password })
    .withReader({ name: secrets.bi_user_name, password: secrets.bi_user_password })
    .start();
  const directory = await mkdtemp(join(tmpdir(), 'provehouse-test-'));
  try {
    const secretsFile = join(directory, 'secrets.env');
    await writeSecrets(secretsFile, secrets);
    const deployment = await describe(cluster, secretsFile);
    await writeDeployment(join(directory, 'deployment.json'), deployment);
    return {
      deployment,
      runtime: {
        directory,
        start: (node) => cluster.node(node).start(),
        stop: (node) => cluster.node(node).stop(),
        restart: async (node) => {
          await cluster.node(node).stop();
          await cluster.node(node).start();
        },
      },
      readConfig: (node, file) => cluster.node(node).exec(['cat', FILES[file]]),
      async writeConfig(node, file, text) {
        // The user of a node may put files into the folder, and not change those that are there.
        const write = 'printf %s "$TEXT" > "$0.new" && mv -f "$0.new" "$0"';
        await cluster.node(node).exec(['sh', '-c', write, FILES[file]], { env: { TEXT: text } });
      },
      async [Symbol.asyncDispose]() {
        await cluster.stop();
        await rm(directory, { recursive: true });
      },
    };
  } catch (error) {
    await cluster.stop();
    await rm(directory, { recursive: true });
    throw error;
  }
}

/** The deployment that the checks are given of a cluster. */
async function describe(
  cluster: StartedClickHouseCluster,
  secretsFile: string,
): Promise<Deployment> {
  const { topology, nodes, administrator, reader } = cluster;
  const answer = await cluster.client().query({
    query: `SELECT version() AS version, count() > 0 AS sqlUsers
            FROM system.user_directories WHERE type = 'local_directory'`,
    format: 'JSONEachRow',
  });
  const [{ version, sqlUsers }] = z
    .tuple([z.object({ version: z.string(), sqlUsers: z.coerce.boolean() })])
    .parse(await answer.json());
  return {
    formatVersion: 1,
    name: 'test',
    runtime: 'docker',
    // Only a server can store users.
    engine: sqlUsers ? 'server' : 'chdb',
    createdAt: new Date().toISOString(),
    clickhouse: {
      cluster: topology.cluster,
      database: topology.database,
      internalReplication: cluster.internalReplication,
      nodes: nodes.map(({ name, shard, replica, host, httpPort, nativePort }) => ({
        ...{ name, shard, replica, host, httpPort, nativePort },
        inside: { host: name, httpPort: 8123, nativePort: 9000 },
      })),
      version,
      capabilities: {
        ...{ replication: 'distributed-writes', distributedDdl: false },
        ...{ exchangeTables: true, replicatedDatabase: false, sqlUsers },
      },
      users: { administrator: administrator.name, reader: reader.name },
    },
    components: nodes.map(({ name, host, httpPort, containerId }) => ({
      ...{ name, kind: 'clickhouse', address: `${host}:${httpPort}`, container: containerId },
    })),
    secretsFile,
    logFolders: [],
  };
}
