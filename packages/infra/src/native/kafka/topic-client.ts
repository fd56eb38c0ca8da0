import { join } from 'node:path';
import { $ } from 'zx';
import { z } from 'zod';
import type { Deployment } from '../../state/deployment.ts';
import { findPrograms } from '../programs.ts';
import { giveInput } from '../../system/give-input.ts';
import { KafkaError } from './ask-broker.ts';

const SCRIPT = join(import.meta.dirname, 'topic_client.py');

const offsetsSchema = z.object({
  partition: z.number(),
  /** The first offset, and the one that the next message gets. */
  begin: z.number(),
  end: z.number(),
  /** Where the group of consumers goes on; null for one that has stored nothing of the partition. */
  committed: z.number().nullable(),
});

export type PartitionOffsets = z.infer<typeof offsetsSchema>;

const placeSchema = z.object({ partition: z.number(), offset: z.number() });

/** Where a message is in its topic. */
export type MessagePlace = z.infer<typeof placeSchema>;

/** A message as it is sent. */
export interface OutgoingMessage {
  readonly partition: number;
  readonly text: string;
}

/** What topics of a broker are asked and sent, under the account of the tasks. */
export interface TopicClient {
  /**
   * How far a topic and a group that reads it go, by partition; none of a topic that is not there.
   * @throws KafkaError, ProgramsError
   */
  offsets(topic: string, group: string): Promise<readonly PartitionOffsets[]>;
  /**
   * Sends messages, and gives the place of each in their order, once the broker has all.
   * @throws KafkaError, ProgramsError
   */
  send(topic: string, messages: readonly OutgoingMessage[]): Promise<readonly MessagePlace[]>;
}

/**
 * The client of a deployment's broker; nothing is sent yet.
 * @param python the interpreter that has the packages which talk to Kafka: the environment's own
 * @throws KafkaError when the deployment has no Kafka or the secrets no password for it
 */
export function connectTopics(
  { kafka, name }: Pick<Deployment, 'kafka' | 'name'>,
  secrets: Readonly<Record<string, string>>,
  python: () => Promise<string> = async () => (await findPrograms()).python,
): TopicClient {
  if (kafka === undefined) {
    throw new KafkaError(
      `The platform ${name} has no Kafka. Start it with one: infra:up --with kafka.`,
    );
  }
  const password = secrets['kafka_password'];
  if (password === undefined) {
    throw new KafkaError('The secrets have no kafka_password. Run infra:up, which makes it.');
  }
  const address = `${kafka.host}:${kafka.port}`;
  async function ask<Answer>(request: object, answer: z.ZodType<Answer>): Promise<Answer> {
    const input = JSON.stringify({ address, user: kafka?.user, password, ...request });
    const options = { quiet: true, nothrow: true, timeout: '60s' } as const;
    const asking = $(options)`${await python()} ${SCRIPT}`;
    giveInput(asking.stdin, input);
    const { exitCode, stdout, stderr } = await asking;
    if (exitCode !== 0) {
      const words = stderr.trim().split('\n').at(-1);
      throw new KafkaError(`Kafka at ${address}: ${words || 'no answer within 60 s'}`);
    }
    return answer.parse(JSON.parse(stdout));
  }
  return {
    offsets: (topic, group) => ask({ topic, group }, z.array(offsetsSchema)),
    send: (topic, messages) => ask({ topic, messages }, z.array(placeSchema)),
  };
}
