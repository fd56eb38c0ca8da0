import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { $ } from 'zx';
import type { Secrets } from '@provehouse/secrets';
import type { KafkaConnection } from '../../airflow/connections.ts';
import type { NativeProcess } from '../../native/component.ts';
import { askBroker, KafkaError } from '../../native/kafka/ask-broker.ts';
import { withJmxAgent } from '../../native/jmx/jmx-agent.ts';
import { provideKafka } from '../../native/kafka/programs.ts';
import type { Plan } from '../../native/plan.ts';
import { providePythonGroup } from '../../native/python-group.ts';
import { exists } from '../../system/exists.ts';
import { portOf } from '../../system/ports.ts';
import { agentOf } from '../monitoring/metrics-programs.ts';
import type { NativeContext, NativeSide } from '../native-side.ts';
import { requiredSecret } from '../required-secret.ts';
import { KAFKA_SECRETS, TASKS_ACCOUNT } from './accounts.ts';
import { renderBrokerConfig } from './broker-config.ts';

const HOST = '127.0.0.1';
const CONFIG = 'kafka/server.properties';

/** Kafka as one process: a broker that is its own controller. */
export const kafkaProcess: NativeSide = {
  isPart: ({ modules }) => modules.kafka !== undefined,
  async provide({ python, cache, message }) {
    const onDownload = (): void =>
      message('Downloading Kafka; later starts take it from the cache.');
    const [command] = await Promise.all([
      provideKafka({ python, cache, onDownload }),
      providePythonGroup('kafka'),
    ]);
    return command;
  },
  ports: () => [
    { name: 'kafka', preferred: 9092 },
    { name: 'kafka-controller', preferred: 9094 },
  ],
  secrets: () => KAFKA_SECRETS,
  files: (context) => ({ [CONFIG]: configOf(context) }),
  processes: (context) => [broker(context)],
  describe: ({ plan }) =>
    Promise.resolve({ kafka: { host: HOST, port: portOf(plan, 'kafka'), user: TASKS_ACCOUNT } }),
  // Consumers commit their offsets while they end.
  stopWave: (process) => (process === 'kafka' ? 'last' : undefined),
};

/** The broker and the account that tasks log in with. @throws PlatformStateError without its password */
export const tasksLogin = (plan: Pick<Plan, 'ports'>, secrets: Secrets): KafkaConnection => ({
  ...{ host: HOST, port: portOf(plan, 'kafka'), user: TASKS_ACCOUNT },
  password: requiredSecret(secrets, 'kafka_password'),
});

const configOf = ({ folder, plan, secrets }: NativeContext): string => {
  const listen = { host: HOST, port: portOf(plan, 'kafka') };
  return renderBrokerConfig({
    ...{ secrets, listen, advertised: listen, dataFolder: join(folder.data, 'kafka') },
    controller: { host: HOST, port: portOf(plan, 'kafka-controller') },
  });
};

function broker(context: NativeContext): NativeProcess {
  const { folder, plan, secrets, programs } = context;
  const { kafka: command = [] } = plan.modules;
  const configFile = join(folder.config, CONFIG);
  // Libraries that Kafka unpacks there outlive a kill.
  const temporary = join(folder.data, 'kafka-temporary');
  const address = `${HOST}:${portOf(plan, 'kafka')}`;
  const request = { address, password: requiredSecret(secrets, 'kafka_broker_password') };
  return {
    name: 'kafka',
    command: [
      ...withJmxAgent(command, agentOf(plan, 'kafka')),
      `-Djava.io.tmpdir=${temporary}`,
      'kafka.Kafka',
      configFile,
    ],
    address,
    budgetSeconds: 60,
    async prepare() {
      await mkdir(join(folder.config, 'kafka'), { recursive: true });
      await rm(temporary, { recursive: true, force: true });
      await mkdir(temporary, { recursive: true });
      await writeFile(configFile, configOf(context), { mode: 0o600 });
      await formatFolder(join(folder.data, 'kafka'), command, configFile);
    },
    slowProbe: true,
    probeIntervalMs: 100,
    async probe(signal) {
      // Python takes a while to say that nobody listens yet.
      const socket = connect({ host: HOST, port: portOf(plan, 'kafka'), signal });
      try {
        await once(socket, 'connect');
      } finally {
        socket.destroy();
      }
      await askBroker(programs.python, request);
    },
    provision: () =>
      askBroker(programs.python, {
        ...request,
        account: { name: TASKS_ACCOUNT, password: requiredSecret(secrets, 'kafka_password') },
      }),
  };
}

/** Makes the folder of a new broker. @throws KafkaError with the last words of Kafka's program for it */
async function formatFolder(
  dataFolder: string,
  command: readonly string[],
  configFile: string,
): Promise<void> {
  if (await exists(join(dataFolder, 'meta.properties'))) return;
  await mkdir(dataFolder, { recursive: true });
  // In one word, because an id may begin with a dash.
  const id = `--cluster-id=${randomBytes(16).toString('base64url')}`;
  const words = ['format', id, '--config', configFile];
  const options = { quiet: true, nothrow: true } as const;
  const { exitCode, stdout, stderr } = await $(
    options,
  )`${command} kafka.tools.StorageTool ${words}`;
  if (exitCode === 0) return;
  const lastWords = `${stdout}\n${stderr}`.trim().split('\n').at(-1);
  throw new KafkaError(`Kafka's folder ${dataFolder} could not be made: ${lastWords}`);
}
