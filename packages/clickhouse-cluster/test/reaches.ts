import type { StartedClickHouseNode } from '../src/started-node.ts';

/**
 * Whether a node gets a connection to a peer's native port. Asked by a shell in its container: the
 * embedded engine of a stand-in may end when a query loses a connection.
 */
export async function reaches(node: StartedClickHouseNode, peer: string): Promise<boolean> {
  const script = `timeout 2 bash -c 'exec 3<>/dev/tcp/${peer}/9000' && echo yes || echo no`;
  return (await node.exec(['bash', '-c', script])).trim().endsWith('yes');
}
