import { setTimeout as delay } from 'node:timers/promises';
import { hasEnded, proof, stateOf } from '../component-state.ts';
import type { StreamDrill } from '../drill.ts';
import { STREAM, whyNoStream } from './event-stream.ts';

const BROKER = 'kafka';
/** How long the broker is away at least. */
const AWAY_MS = 3_000;

/** Where the events are on their way. */
export const killKafka: StreamDrill = {
  name: 'kill-kafka',
  title: "Kafka's broker is killed and started again while events are sent",
  proves:
    'Who sends waits for the broker and sends on without leaving an event out or sending one twice, the broker has every message that it had acknowledged, and the nodes read on where they were.',
  doesNotProve:
    'That a broker that loses its disk is survived, or that several brokers take over from each other: topics have one copy.',
  workload: 'stream',
  hits: 'topic',
  // A fast machine sends the usual number before the kill.
  events: 500_000,
  recoverySeconds: 240,
  unavailable: whyNoStream,
  fault({ runtime }, _, stream) {
    return Promise.resolve({
      undo: [{ kind: 'start', component: BROKER }],
      inject: () => runtime.kill(BROKER),
      async prove() {
        // Had it sent all before, the task would have ended by then.
        await delay(AWAY_MS);
        const state = await stateOf(runtime, BROKER);
        const isSending = await stream.isSending();
        return proof(
          hasEnded(state) && isSending,
          `${BROKER} has ended, and ${STREAM.sender} waits for it`,
          `${BROKER} ${state}, ${STREAM.sender} ${isSending ? 'is running' : 'is not running'}`,
        );
      },
    });
  },
};
