import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Secrets } from '@provehouse/secrets';
import type { KafkaConnection } from '../../airflow/connections.ts';
import type { KafkaLogin } from '../../clickhouse/config.ts';
import type { ContainerPlan } from '../../docker/container-plan.ts';
import { askBroker } from '../../native/kafka/ask-broker.ts';
import { JMX_METRICS, provideJmxAgent } from '../../native/jmx/jmx-agent.ts';
import { findPrograms } from '../../native/programs.ts';
import { providePythonGroup } from '../../native/python-group.ts';
import { cacheFolder } from '../../state/cache-folder.ts';
import { portOf } from '../../system/ports.ts';
import type {
  ContainerContext,
  ContainerFiles,
  ContainerSide,
  FetchedFiles,
} from '../container-side.ts';
import { requiredSecret } from '../required-secret.ts';
import { KAFKA_SECRETS, NODES_ACCOUNT, TASKS_ACCOUNT } from './accounts.ts';
import { renderBrokerConfig } from './broker-config.ts';
import { healthRequest } from './health-request.ts';

/** Where this machine finds it. */
const HOST = '127.0.0.1';

/** Where nodes and tasks find it. */
const INSIDE = { host: 'kafka', port: 9092 };

/** The listener in the container that the published port leads to; Terraform's module has it, too. */
const MACHINE_PORT = 9094;

/** How Java runs it and what it logs, as they are in this package. */
const SETTINGS = ['java.options', 'log4j2.properties'];

/** Kafka as one container: a broker that is its own controller. */
export const kafkaContainer: ContainerSide = {
  isPart: ({ modules }) => modules.includes('kafka'),
  // What gives the tasks' account its password, and what drills ask topics with.
  provide: () => providePythonGroup('kafka'),
  images: ['kafka'],
  keepsData: true,
  ports: () => [{ name: 'kafka', preferred: 9092 }],
  secrets: () => KAFKA_SECRETS,
  files,
  fetched,
  settle: givePassword,
  describe: ({ plan }) =>
    Promise.resolve({
      kafka: { host: HOST, port: portOf(plan, 'kafka'), user: TASKS_ACCOUNT, inside: INSIDE },
    }),
};

/** The broker and the account that tasks log in with. @throws PlatformStateError without its password */
export const tasksLoginInside = (secrets: Secrets): KafkaConnection => ({
  ...{ ...INSIDE, user: TASKS_ACCOUNT },
  password: requiredSecret(secrets, 'kafka_password'),
});

/** The broker and the account of the nodes. @throws PlatformStateError without its password */
export const nodesLoginInside = (secrets: Secrets): KafkaLogin => ({
  ...{ brokers: `${INSIDE.host}:${INSIDE.port}`, mechanism: 'PLAIN', user: NODES_ACCOUNT },
  password: requiredSecret(secrets, 'kafka_clickhouse_password'),
});

async function files(plan: ContainerPlan, secrets: Secrets): Promise<ContainerFiles> {
  const everywhere = (port: number) => ({ host: '0.0.0.0', port });
  const config = renderBrokerConfig({
    ...{ secrets, listen: everywhere(INSIDE.port), advertised: INSIDE },
    machine: {
      listen: everywhere(MACHINE_PORT),
      advertised: { host: HOST, port: portOf(plan, 'kafka') },
    },
    // Nobody but the broker is to find it.
    controller: { host: '127.0.0.1', port: 9093 },
    dataFolder: '/var/lib/kafka/data',
  });
  const folder = join(import.meta.dirname, '../../native/kafka');
  const settings = await Promise.all(
    SETTINGS.map(async (file) => [`kafka/${file}`, await readFile(join(folder, file), 'utf8')]),
  );
  return {
    'kafka/server.properties': config,
    'kafka/health.request': healthRequest(requiredSecret(secrets, 'kafka_broker_password')),
    ...Object.fromEntries(settings),
    ...(plan.modules.includes('monitoring') && {
      'kafka/metrics.yml': await readFile(JMX_METRICS.kafka, 'utf8'),
    }),
  };
}

/** The agent in its Java, which serves its metrics. */
function fetched({ modules }: ContainerPlan): FetchedFiles {
  return modules.includes('monitoring') ? { 'kafka/jmx-agent.jar': jmxAgent } : {};
}

async function jmxAgent(): Promise<string> {
  const { python } = await findPrograms();
  return provideJmxAgent({ python, cache: cacheFolder(process.env), onDownload: () => undefined });
}

/** The broker keeps the passwords of SCRAM in its metadata, not in its configuration. */
async function givePassword({ plan, secrets }: ContainerContext): Promise<void> {
  const { python } = await findPrograms();
  await askBroker(python, {
    address: `${HOST}:${portOf(plan, 'kafka')}`,
    password: requiredSecret(secrets, 'kafka_broker_password'),
    account: { name: TASKS_ACCOUNT, password: requiredSecret(secrets, 'kafka_password') },
  });
}
