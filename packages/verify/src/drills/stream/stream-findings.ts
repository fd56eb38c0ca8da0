import { evidence, EVIDENCE_ROWS } from '../../clickhouse/evidence.ts';
import type { Finding } from '../../verdict.ts';
import { isWhole, type Account, type NodeContent } from '../account.ts';

/**
 * What the account of the stream says, with the rows that are wrong and the statements that find them.
 * @param lag messages of the topic that the nodes have not stored
 */
export function streamFindings(
  { attempted, acknowledged, lost, unexpected }: Account,
  contents: readonly NodeContent[],
  lag: number,
): Finding[] {
  const wrong = contents.filter((content) => !isWhole(content));
  const sql = (wrong.length > 0 ? wrong : contents).flatMap((content) => content.sql);
  const missing = contents.flatMap(({ node, missing: ids }) => ids.map((id) => ({ node, id })));
  const surplus = contents.flatMap(({ node, unexpected: rows }) =>
    rows.map((row) => ({ node, ...row })),
  );
  return [
    {
      status: attempted > 0 && acknowledged === attempted ? 'passed' : 'failed',
      subject: 'acknowledged messages',
      expected: 'the broker has acknowledged every message that was to be sent',
      observed: `${acknowledged} of ${attempted}`,
      ...(acknowledged !== attempted && {
        reason: 'The task that sends has given up: its log in Airflow says why.',
      }),
    },
    {
      status: lost === 0 ? 'passed' : 'failed',
      subject: 'lost messages',
      expected:
        '0 acknowledged messages that the topic, or a replica of their shard, does not have as an event or as a dead letter',
      observed: `${lost}`,
      sql,
      ...(lost > 0 && {
        evidence: [evidence('Lost messages', missing.slice(0, EVIDENCE_ROWS))],
        reason: 'Messages that the broker had acknowledged are not in the tables.',
      }),
    },
    {
      status: unexpected === 0 ? 'passed' : 'failed',
      subject: 'doubled and unexpected rows',
      expected:
        '0 rows that are there twice, changed, on the wrong shard, or of no message. Kafka gives a message at least once: what a node had read and not committed when it was killed is read again, by whoever has the partition then. Both copies go to the same shard under the same partition and offset and are merged into one row, so that a double counts only where readers with FINAL still see it',
      observed: `${unexpected}`,
      sql,
      ...(unexpected > 0 && {
        evidence: [evidence('Unexpected rows', surplus.slice(0, EVIDENCE_ROWS))],
        reason: 'The tables hold what the topic does not have, or not so.',
      }),
    },
    {
      status: lag === 0 ? 'passed' : 'failed',
      subject: 'what is left on the topic',
      expected: '0 messages that no node has stored and committed',
      observed: `${lag}`,
      ...(lag !== 0 && { reason: 'The nodes have stopped to read: see system.kafka_consumers.' }),
    },
  ];
}
