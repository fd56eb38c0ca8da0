import type { TopicClient } from '@provehouse/infra';
import type { Finding } from '../../verdict.ts';
import { accountOf, type Account } from '../account.ts';
import type { DrillTarget } from '../drill-target.ts';
import { STREAM } from './event-stream.ts';
import { countMessages, streamContents, topicContent } from './stream-contents.ts';
import { streamFindings } from './stream-findings.ts';
import { lagOf, type TopicCopy } from './topic-copy.ts';

/** What a run of the pipeline was asked for. */
export interface Asked {
  /** The events that the topic is to have, with the ids from 1 on. */
  readonly events: number;
  /** Whether the broker has acknowledged all of them. */
  readonly isAcknowledged: boolean;
}

/**
 * The account of all messages of the topic, out of its copy and what every node holds: nothing that the
 * pipeline says of itself is asked.
 * @throws QueryError, KafkaError
 * @throws UnknownShardError
 */
export async function accountForStream(
  target: DrillTarget,
  topics: TopicClient,
  copy: TopicCopy,
  { events, isAcknowledged }: Asked,
): Promise<{ readonly account: Account; readonly findings: readonly Finding[] }> {
  const [topic, nodes, found, offsets] = await Promise.all([
    topicContent(target, copy, { events, acknowledged: isAcknowledged ? events : 0 }),
    streamContents(target, copy),
    countMessages(target, copy),
    topics.offsets(STREAM.topic, STREAM.group),
  ]);
  const contents = [topic, ...nodes];
  const acknowledged = (isAcknowledged ? events : found.events) + found.others;
  const account = accountOf({ attempted: events + found.others, acknowledged }, contents);
  return { account, findings: streamFindings(account, contents, lagOf(offsets)) };
}
