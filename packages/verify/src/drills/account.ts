/** What has become of the rows that a drill has sent. */
export interface Account {
  /** Rows that were sent at least once. */
  readonly attempted: number;
  /** Rows whose insert was acknowledged, at once or when it was repeated. */
  readonly acknowledged: number;
  /** Acknowledged rows that every replica of their shard has, once, as they were sent. */
  readonly recovered: number;
  /** Acknowledged rows that a replica of their shard does not have. */
  readonly lost: number;
  /** Rows that were never sent, or are there twice, changed, or on the wrong shard. */
  readonly unexpected: number;
}

/** A row that should not be there, or not so, with the parts that have it. */
export interface UnexpectedRow {
  readonly id: string;
  readonly why: string;
  readonly parts: string;
}

/** What is wrong with the rows of one node; ids as text, for they have 64 bits. */
export interface NodeContent {
  readonly node: string;
  /** Acknowledged rows that belong on the node and are not there. */
  readonly missing: readonly string[];
  readonly unexpected: readonly UnexpectedRow[];
  /** The statements that found them. */
  readonly sql: readonly string[];
}

/** The account over all nodes: a row that two replicas lack is one lost row. */
export function accountOf(
  { attempted, acknowledged }: Pick<Account, 'attempted' | 'acknowledged'>,
  contents: readonly NodeContent[],
): Account {
  const lost = new Set(contents.flatMap(({ missing }) => missing)).size;
  const unexpected = new Set(
    contents.flatMap((content) => content.unexpected.map(({ id, why }) => `${id}: ${why}`)),
  ).size;
  return { attempted, acknowledged, recovered: acknowledged - lost, lost, unexpected };
}

/** Whether every row that was sent is where it must be, and nothing else. */
export const isExact = ({ attempted, acknowledged, lost, unexpected }: Account): boolean =>
  attempted > 0 && acknowledged === attempted && lost === 0 && unexpected === 0;

/** Whether a node has all that it must have, and nothing else. */
export const isWhole = ({ missing, unexpected }: NodeContent): boolean =>
  missing.length === 0 && unexpected.length === 0;
