import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { renderNodeConfig, type KafkaLogin } from '../../clickhouse/config.ts';
import { askName, createDatabase } from '../../clickhouse/node.ts';
import { keepIdentity } from '../../clickhouse/server-identity.ts';
import type { StorageConfig } from '../../clickhouse/storage.ts';
import { createTopology } from '../../clickhouse/topology.ts';
import { accountsOf, renderUsersConfig } from '../../clickhouse/users.ts';
import type { NativeProcess } from '../../native/component.ts';
import { chdbEngine } from '../../native/engines/chdb.ts';
import type { NodeEngine } from '../../native/engines/node-engine.ts';
import { serverEngine } from '../../native/engines/server.ts';
import { LONGEST_SIGNED_BYTES } from '../../native/s3proxy/s3proxy-config.ts';
import type { ClickHouseNode } from '../../state/deployment.ts';
import { portOf } from '../../system/ports.ts';
import { mayHaveQueues, NODES_ACCOUNT } from '../kafka/accounts.ts';
import { monitorOf } from '../monitoring/account.ts';
import { backupsLogin, filesLogin, platformBucket, STORAGE_PROCESS } from '../storage/native.ts';
import type { NativeContext } from '../native-side.ts';
import { requiredSecret } from '../required-secret.ts';
import { nativeNodes } from './nodes.ts';

/** One node as a process: of the embedded engine or of a server, as the plan says. */
export function nodeProcess(context: NativeContext, node: ClickHouseNode): NativeProcess {
  const { folder, plan, secrets } = context;
  const engine = engineOf(context);
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
    after: [...(engine.after ?? []), ...(inBucket(context) ? [STORAGE_PROCESS] : [])],
    async prepare() {
      await mkdir(dataFolder, { recursive: true });
      await keepIdentity(dataFolder);
      for (const [path, text] of Object.entries(nodeFiles(context, node))) {
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

/** The configuration files of one node, by path in the folder of configuration. */
export function nodeFiles(context: NativeContext, node: ClickHouseNode): Record<string, string> {
  const { folder, plan, secrets } = context;
  const engine = engineOf(context);
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
      ...(mayHaveQueues(secrets) && { kafka: kafkaLogin(context) }),
      ...(plan.modules.storage && { bucket: filesLogin(plan, secrets) }),
      ...(inBucket(context) && { storage: storageOf(context) }),
      ...(plan.modules.monitoring && { metrics: true }),
      ...(plan.modules.storage && { backups: backupsLogin(plan, secrets) }),
    }),
    [`${node.name}/users.xml`]: renderUsersConfig(
      {
        ...accountsOf(secrets),
        ...(plan.modules.monitoring && { monitor: monitorOf(secrets) }),
      },
      topology.database,
      { embedded, dialect },
    ),
  };
}

/** A port at which no service is offered (tcpmux). */
const NOWHERE = '127.0.0.1:1';

/** The embedded engine's client of Kafka was built without SCRAM; a server's has both. */
const kafkaLogin = ({ plan, secrets }: NativeContext): KafkaLogin => ({
  // Without the module nobody is asked: another platform's broker may have the usual port.
  brokers: plan.modules.kafka ? `127.0.0.1:${portOf(plan, 'kafka')}` : NOWHERE,
  mechanism: 'PLAIN',
  user: NODES_ACCOUNT,
  password: requiredSecret(secrets, 'kafka_clickhouse_password'),
});

const inBucket = ({ plan }: NativeContext): boolean => plan.storage === 's3_ssd';

function storageOf({ plan, secrets }: NativeContext): StorageConfig {
  const { endpoint, bucket, prefix, accessKey, secretKey } = platformBucket(plan, secrets);
  return {
    ...{ type: 's3_ssd', endpoint, accessKey, secretKey },
    bucket: `${bucket}/${prefix}`.replace(/\/$/, ''),
    longestPartBytes: LONGEST_SIGNED_BYTES,
  };
}

function engineOf({ folder, plan, secrets, programs: { python } }: NativeContext): NodeEngine {
  const { engine } = plan;
  const topology = createTopology(plan);
  const shared = { folder, secrets, topology, portOf: (name: string) => portOf(plan, name) };
  return engine.name === 'chdb'
    ? chdbEngine({ ...shared, engine, python })
    : serverEngine({ ...shared, engine });
}
