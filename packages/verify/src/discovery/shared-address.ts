import type { NodeTls } from '@provehouse/infra';
import type { Account } from '@provehouse/infra/clickhouse';
import { ANSWER_WITHIN_MS, connectAddress } from './ask-node.ts';
import type { HttpAddress } from './cluster-url.ts';

/** An address behind which there are several nodes, such as that of a load balancer. */
export interface SharedAddress {
  readonly address: HttpAddress;
  /** The nodes that answered there, by the names that they give themselves. */
  readonly names: readonly string[];
  /** Whether a node is chosen for each request, and not for each connection. */
  readonly byRequest: boolean;
}

/** Connections at a time. */
const ROUND = 8;
/** So many answers of one node are taken for all: of two nodes one is missed in 3·10⁻⁵ of cases. */
const ALIKE = 16;
/** Answers without a name that is new, for each member, after which no further one is looked for. */
const WITHOUT_NEWS = 8;

/**
 * Looks which nodes are behind an address, by connecting again and again.
 * @param members how many there may be
 * @returns undefined where it is one node's alone, as far as can be seen
 */
export async function shareOf(
  address: HttpAddress,
  account: Account,
  tls: NodeTls | undefined,
  members: number,
): Promise<SharedAddress | undefined> {
  const names = new Set<string>();
  const most = (): number => (names.size > 1 ? WITHOUT_NEWS * members : ALIKE);
  for (let without = 0; without < most() && names.size < members;) {
    const known = names.size;
    const found = await Promise.all(
      Array.from({ length: ROUND }, () => namesOnce(address, account, tls, 1)),
    );
    for (const name of found.flat()) names.add(name);
    without = names.size > known ? 0 : without + ROUND;
  }
  if (names.size < 2) return undefined;
  const onOne = await namesOnce(address, account, tls, members + 1);
  return { address, names: [...names].sort(), byRequest: new Set(onOne).size > 1 };
}

/** The names of who answers on one connection, one request after the other; none who does not. */
async function namesOnce(
  address: HttpAddress,
  account: Account,
  tls: NodeTls | undefined,
  requests: number,
): Promise<string[]> {
  const client = connectAddress(address, account, tls);
  const names: string[] = [];
  try {
    for (let number = 0; number < requests; number += 1) {
      names.push((await client.displayName(AbortSignal.timeout(ANSWER_WITHIN_MS))) ?? '');
    }
  } catch {
    // Of what stands in front of nodes that are down an error now and then is to be expected.
  } finally {
    await client.close();
  }
  return names.filter((name) => name !== '');
}
