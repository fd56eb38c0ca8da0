import { join } from 'node:path';
import { ProvehouseError } from '@provehouse/secrets';
import { $ } from 'zx';
import { giveInput } from '../../system/give-input.ts';

const SCRIPT = join(import.meta.dirname, 'broker.py');

/** Thrown when a broker does not do what it is asked. */
export class KafkaError extends ProvehouseError {
  override readonly name = 'KafkaError';
}

export interface BrokerRequest {
  /** `host:port` of the broker. */
  readonly address: string;
  /** The broker's own password. */
  readonly password: string;
  /** An account that is to have a password, and logs in with it. */
  readonly account?: { readonly name: string; readonly password: string };
}

/**
 * Asks a broker for its cluster and, with an account, gives that its password.
 * @throws KafkaError with the broker's words
 */
export async function askBroker(python: string, request: BrokerRequest): Promise<void> {
  const input = JSON.stringify(request);
  const options = { quiet: true, nothrow: true, timeout: '30s' } as const;
  const asking = $(options)`${python} ${SCRIPT}`;
  giveInput(asking.stdin, input);
  const { exitCode, stderr } = await asking;
  if (exitCode === 0) return;
  const words = stderr.trim().split('\n').at(-1);
  throw new KafkaError(`Kafka at ${request.address}: ${words || 'no answer within 30 s'}`);
}
