import type { Secrets } from '@provehouse/secrets';
import type { Address } from '../../clickhouse/config.ts';
import { renderProperties } from '../../native/jars/java-properties.ts';
import { requiredSecret } from '../required-secret.ts';
import { BROKER_ACCOUNT, NODES_ACCOUNT } from './accounts.ts';

export interface BrokerConfigOptions {
  readonly secrets: Secrets;
  /** Where it listens for clients. */
  readonly listen: Address;
  /** Where clients find it. */
  readonly advertised: Address;
  /** The same once more, for clients that find it elsewhere: those of the machine that its container runs on. */
  readonly machine?: { readonly listen: Address; readonly advertised: Address };
  /** Where it listens for itself as the controller of the cluster. */
  readonly controller: Address;
  readonly dataFolder: string;
}

/** The listeners' names in the keys of the configuration. */
const CLIENTS = 'CLIENTS';
const MACHINE = 'MACHINE';
const CONTROLLER = 'CONTROLLER';

/**
 * server.properties of a broker that is its own controller, without ZooKeeper:
 * https://kafka.apache.org/documentation/#brokerconfigs
 *
 * Accounts of PLAIN are in this file: the broker's own and, because the embedded engine has no SCRAM,
 * the nodes'. Those of SCRAM are in the broker's metadata.
 */
export function renderBrokerConfig(options: BrokerConfigOptions): string {
  const { secrets, listen, advertised, machine, controller, dataFolder } = options;
  const broker = requiredSecret(secrets, 'kafka_broker_password');
  const accounts = {
    [BROKER_ACCOUNT]: broker,
    [NODES_ACCOUNT]: requiredSecret(secrets, 'kafka_clickhouse_password'),
  };
  const plain = jaas('plain.PlainLoginModule', {
    ...{ username: BROKER_ACCOUNT, password: broker },
    ...Object.fromEntries(Object.entries(accounts).map(([name, word]) => [`user_${name}`, word])),
  });
  const clients = {
    [CLIENTS]: { listen, advertised },
    ...(machine && { [MACHINE]: machine }),
  };
  const advertisedAt = Object.entries(clients).map(
    ([name, of]) => `${name}://${text(of.advertised)}`,
  );
  const listeners = [
    ...Object.entries(clients).map(([name, of]) => `${name}://${text(of.listen)}`),
    `${CONTROLLER}://${text(controller)}`,
  ];
  const protocols = [...Object.keys(clients), CONTROLLER].map((name) => `${name}:SASL_PLAINTEXT`);
  return renderProperties({
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@${text(controller)}`,
    listeners: listeners.join(','),
    'advertised.listeners': advertisedAt.join(','),
    'listener.security.protocol.map': protocols.join(','),
    'controller.listener.names': CONTROLLER,
    'inter.broker.listener.name': CLIENTS,
    'sasl.enabled.mechanisms': 'SCRAM-SHA-512,PLAIN',
    'sasl.mechanism.inter.broker.protocol': 'PLAIN',
    'sasl.mechanism.controller.protocol': 'PLAIN',
    ...Object.fromEntries(
      Object.keys(clients).flatMap((name) => [
        [`listener.name.${name.toLowerCase()}.plain.sasl.jaas.config`, plain],
        [`listener.name.${name.toLowerCase()}.scram-sha-512.sasl.jaas.config`, SCRAM],
      ]),
    ),
    [`listener.name.${CONTROLLER.toLowerCase()}.sasl.enabled.mechanisms`]: 'PLAIN',
    [`listener.name.${CONTROLLER.toLowerCase()}.plain.sasl.jaas.config`]: plain,
    'log.dirs': dataFolder,
    // A topic that nobody has made is an error, not one partition.
    'auto.create.topics.enable': false,
    // One broker holds all of them.
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 4,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 4,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    // The first consumer of a group does not wait for others.
    'group.initial.rebalance.delay.ms': 0,
    // Sized for one machine.
    'num.network.threads': 2,
    'num.io.threads': 4,
    'log.cleaner.dedupe.buffer.size': 16_777_216,
    'log.segment.bytes': 134_217_728,
  });
}

/**
 * A login module with its options, quoted as Java's `StreamTokenizer` reads them:
 * https://kafka.apache.org/documentation/#security_sasl_plain_brokerconfig
 */
const jaas = (module: string, options: Readonly<Record<string, string>>): string => {
  const words = Object.entries(options).map(
    ([name, value]) => `${name}="${value.replaceAll(/[\\"]/g, String.raw`\$&`)}"`,
  );
  return `${['org.apache.kafka.common.security.' + module, 'required', ...words].join(' ')};`;
};

const SCRAM = jaas('scram.ScramLoginModule', {});

const text = ({ host, port }: Address): string => `${host}:${port}`;
