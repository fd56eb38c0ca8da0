import type { NodeClient } from './cluster.ts';

/** How many rows there are, and the sum of their hashes. */
export interface Content {
  readonly rows: number;
  readonly content: string;
}

/*
 * To hash a table is most of what a verification asks of a server, and two checks ask the same. What one
 * was answered is noted for the other, for as long as the client lives, which is one verification. It
 * serves to see that somebody else is given the same, and never to see a difference.
 */
const notes = new WeakMap<NodeClient, Map<string, Content>>();

/** Notes what a statement has given on a node. */
export function noteContent(client: NodeClient, sql: string, content: Content): void {
  const noted = notes.get(client) ?? new Map<string, Content>();
  noted.set(sql, content);
  notes.set(client, noted);
}

/** What the statement last gave on that node in this verification, if it was asked. */
export const notedContent = (client: NodeClient, sql: string): Content | undefined =>
  notes.get(client)?.get(sql);
