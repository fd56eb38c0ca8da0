import { createHash } from 'node:crypto';
import { nativeRuntime, type Deployment, type Runtime } from '@provehouse/infra';
import { quoteName } from '@provehouse/infra/clickhouse';
import { readSecrets } from '@provehouse/secrets';
import { createTwoFilesPatch } from 'diff';
import { inject } from 'vitest';
import { z } from 'zod';
import type { NodeClient } from '../src/clickhouse/cluster.ts';
import { connectCluster } from '../src/clickhouse/connect-cluster.ts';
import { PLATFORM } from './platform-homes.ts';
import { configFiles } from './config-files.ts';
import { TEST_CLUSTER } from './own-cluster.ts';
import { ownPorts } from './own-ports.ts';

/** What there is on a node besides rows, and what it is configured with. */
const STATE = `
  SELECT 'database' AS kind, concat(name, ' ', engine) AS what FROM system.databases
  UNION ALL SELECT 'user', concat(name, ' ', storage) FROM system.users
  UNION ALL SELECT 'role', name FROM system.roles
  UNION ALL SELECT 'grant', toString(tuple(*)) FROM system.grants
  UNION ALL SELECT 'profile', name FROM system.settings_profiles
  UNION ALL SELECT 'profile element', toString(tuple(*)) FROM system.settings_profile_elements
  UNION ALL SELECT 'policy', name FROM system.row_policies
  UNION ALL SELECT 'quota', name FROM system.quotas
  UNION ALL SELECT 'function', name FROM system.functions WHERE origin != 'System'
  UNION ALL SELECT 'collection', name FROM system.named_collections
  UNION ALL SELECT 'workload', name FROM system.workloads
  UNION ALL SELECT 'resource', name FROM system.resources
  UNION ALL SELECT 'macro', concat(macro, ' ', substitution) FROM system.macros
  UNION ALL SELECT 'host', toString(tuple(* EXCEPT (errors_count, slowdowns_count, estimated_recovery_time,
    unsynced_after_recovery, recovery_time))) FROM system.clusters
  UNION ALL SELECT 'policy of disks', concat(policy_name, ' ', volume_name, ' ', toString(disks)) FROM system.storage_policies
  UNION ALL SELECT 'server setting', concat(name, ' ', value) FROM system.server_settings WHERE changed
  UNION ALL SELECT 'setting', concat(name, ' ', value) FROM system.settings WHERE changed
  UNION ALL SELECT 'table', name FROM system.tables WHERE database = 'default'
  UNION ALL SELECT 'time zone', timezone()`;
type ConfigFiles = ReturnType<typeof configFiles>;

const stateRow = z.object({ kind: z.string(), what: z.string() });

/** What every node had when the cluster was new. */
let initially: string | undefined;

/**
 * The native cluster of 2 × 2 nodes that the files of a run share. Each finds no tables of others in it;
 * where another file has left it changed otherwise, that is said, and it is made again.
 */
export async function startSharedCluster(): Promise<{ runtime: Runtime; deployment: Deployment }> {
  const runtime = nativeRuntime({ home: inject('testClusterHome'), name: PLATFORM });
  const up = () => runtime.up({ ...TEST_CLUSTER, ports: ownPorts('shared') });
  const deployment = await up();
  const found = await emptied(configFiles(runtime), deployment).catch((error: unknown) => {
    if (initially === undefined) throw error;
    return String(error);
  });
  initially ??= found;
  if (found === initially) return { runtime, deployment };
  const changes = createTwoFilesPatch('before', 'after', initially, found, '', '', { context: 0 });
  process.stderr.write(`The shared cluster was left changed, and is made again:\n${changes}\n`);
  await runtime.down({ purge: true });
  return { runtime, deployment: await up() };
}

/** Takes away what files have left of tables and databases, and gives what the nodes have besides. */
async function emptied({ readConfig }: ConfigFiles, deployment: Deployment): Promise<string> {
  const { super_user_name: user, super_user_password: password } = await readSecrets(
    deployment.secretsFile,
  );
  await using cluster = connectCluster(deployment, { user, password });
  const { database } = deployment.clickhouse;
  const states = await Promise.all(
    cluster.nodes.map(async (node) => {
      await empty(node, database);
      const { name } = node.node;
      const states = (await node.query(STATE, stateRow)).map(({ kind, what }) => `${kind} ${what}`);
      for (const file of ['config.xml', 'users.xml'] as const) {
        const hash = createHash('sha256').update(await readConfig(name, file));
        states.push(`${file} ${hash.digest('hex')}`);
      }
      return states.map((state) => `${name}: ${state}`);
    }),
  );
  return states.flat().toSorted().join('\n');
}

async function empty({ query, command }: NodeClient, database: string): Promise<void> {
  const databases = await query(
    "SELECT name FROM system.databases WHERE engine NOT IN ('Memory', 'Overlay')",
    z.object({ name: z.string() }),
  );
  for (const { name } of databases) {
    await command(
      `DROP DATABASE ${quoteName(name)} SYNC
       SETTINGS check_table_dependencies = 0, check_referential_table_dependencies = 0`,
    );
  }
  await command(`CREATE DATABASE ${quoteName(database)}`);
}
