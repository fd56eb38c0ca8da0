import { QueryError } from '@provehouse/infra/clickhouse';
import type { NodeClient } from '../clickhouse/cluster.ts';
import { isServerCode } from '../clickhouse/silent-node.ts';
import type { Finding } from '../verdict.ts';
import type { PlannedRule } from './planned-rule.ts';

/**
 * Judges rules in one statement. Where the server refuses that, each is asked by itself, so that a rule
 * whose SQL is wrong is inconclusive alone.
 * @throws QueryError when the node does not answer
 */
export async function askTogether<Planned extends PlannedRule>(
  client: NodeClient,
  rules: readonly Planned[],
  judge: (rules: readonly Planned[]) => Promise<Finding[]>,
): Promise<Finding[]> {
  try {
    return await judge(rules);
  } catch (error) {
    if (!(error instanceof QueryError) || !isServerCode(error.code)) throw error;
    const [only, ...others] = rules;
    if (only === undefined) return [];
    if (others.length === 0) return [refused(client, only, error)];
    const each = await Promise.all(rules.map((rule) => askTogether(client, [rule], judge)));
    return each.flat();
  }
}

const refused = (
  { node }: NodeClient,
  { subject, plan }: PlannedRule,
  { message }: QueryError,
): Finding => ({
  status: 'inconclusive',
  subject,
  node: node.name,
  expected: plan.expected,
  observed: message,
  reason: 'The server does not take the rule. Correct what it names and run the check again.',
});
