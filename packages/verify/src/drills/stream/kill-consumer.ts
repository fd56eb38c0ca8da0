import type { Finding } from '../../verdict.ts';
import { comesTrue, hasEnded, proof, stateOf } from '../component-state.ts';
import type { StreamDrill } from '../drill.ts';
import { assignmentsOf, type Assignment } from './consumers.ts';
import { whyNoStream } from './event-stream.ts';

/**
 * Kafka misses a consumer after ten seconds, and waits for the others, which may be in the middle of an
 * insert.
 */
const TAKEOVER_SECONDS = 120;
/** How long some node may take to have read of the events; then there is nothing to be hit. */
const READING_SECONDS = 30;

/** A node that reads the topic. */
export const killConsumer: StreamDrill = {
  name: 'kill-consumer',
  title:
    'A ClickHouse node that reads partitions of the topic is killed in the middle of the stream',
  proves:
    'What the node had read and not committed is read again, by the nodes that Kafka gives its partitions to and by itself when it is back: no event is lost, and what came twice is merged into one.',
  doesNotProve:
    'That readers without FINAL see no double before parts are merged, or that a node that loses its disk is survived.',
  workload: 'stream',
  hits: 'stored',
  recoverySeconds: 240,
  unavailable: whyNoStream,
  fault(target, schedule, stream) {
    const { runtime, cluster } = target;
    const names = cluster.nodes.map(({ node }) => node.name);
    let victim = schedule.node;
    let hit: readonly Assignment[] = [];
    let stored = 0;
    const hasReadOf = ({ partition, offset }: Assignment): boolean =>
      offset > (stream.start.get(partition) ?? 0);
    return Promise.resolve({
      // Which one it is, the moment says.
      undo: names.map((component) => ({ kind: 'start', component })),
      async inject() {
        await comesTrue(READING_SECONDS, async () => {
          const assignments = await assignmentsOf(target);
          const reading = assignments.filter(hasReadOf).map(({ node }) => node);
          victim = reading.find((node) => node === schedule.node) ?? reading[0] ?? victim;
          hit = assignments.filter(({ node }) => node === victim);
          return reading.length > 0;
        });
        stored = await stream.stored();
        await runtime.kill(victim);
      },
      async prove() {
        const state = await stateOf(runtime, victim);
        // It only grows: what is not committed now was not then.
        const committed = await stream.committed();
        const partitions = hit.map(({ partition }) => partition).join(', ');
        return proof(
          hasEnded(state) && hit.some(hasReadOf) && stored > 0 && committed < stream.sent,
          'a node has ended that had partitions and had read of this run, when some of its events were stored and not all committed',
          `${victim} ${state}; it had partitions ${partitions || 'none'}; ${stored} of ${stream.sent} events were stored, and ${committed} are committed`,
        );
      },
      async during(): Promise<Finding[]> {
        if (names.length === 1) return [];
        const lost = hit.map(({ partition }) => partition);
        let readers: readonly Assignment[] = [];
        const taken = await comesTrue(TAKEOVER_SECONDS, async () => {
          readers = (await assignmentsOf(target)).filter(({ node }) => node !== victim);
          return lost.every((partition) => readers.some((one) => one.partition === partition));
        });
        return [
          {
            status: taken ? 'passed' : 'failed',
            subject: 'its partitions',
            expected: 'other nodes have them',
            observed:
              readers.map(({ node, partition }) => `${partition}: ${node}`).join(', ') || 'none',
          },
        ];
      },
    });
  },
};
