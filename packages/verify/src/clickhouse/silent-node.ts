import type { ClickHouseNode } from '@provehouse/infra';
import { placeOf, QueryError } from '@provehouse/infra/clickhouse';
import type { Finding } from '../verdict.ts';
import type { NodeClient } from './cluster.ts';

/** Time in which a node that is merely busy answers the simplest of questions. */
export const ANSWER_WITHIN_MS = 5_000;

/** Thrown instead of asking a node that has been found not to answer. */
export class SilentNodeError extends QueryError {
  /** The node's name. */
  readonly node: string;

  constructor(node: ClickHouseNode, cause: QueryError) {
    const place = placeOf(node);
    const said = firstLine(cause.message);
    const why = said.startsWith(`${place}: `) ? said.slice(place.length + 2) : said;
    const verb = isServerCode(cause.code) ? 'cannot be asked' : 'does not answer';
    super(`${place} ${verb}: ${why}`, cause.code, { cause });
    this.node = node.name;
  }
}

const firstLine = (text: string): string => text.split('\n')[0] ?? '';

/** Whether a code is one of ClickHouse's own: the server answered. */
export const isServerCode = (code: string | undefined): boolean => /^\d+$/.test(code ?? '');

/** What a check observes of a node that it has not asked, because the node is known not to answer. */
export const NOT_LOOKED_AT = 'not looked at';

/** The finding of a check that leaves a silent node out: that the node is silent is one failure, of nodes-answer. */
export const notLookedAt = ({ node, message }: SilentNodeError): Finding => ({
  status: 'skipped',
  node,
  expected: 'an answer from the node',
  observed: NOT_LOOKED_AT,
  reason: message,
});

/** Whether the node is known not to answer. */
export const isSilent = ({ silence }: NodeClient): boolean => silence?.aborted ?? false;
