import type { Check, ClusterContext, PlatformContext } from './check.ts';
import { runCheck, runChecks, type OnVerdict } from './check-run.ts';
import { nodesAnswer } from './checks/nodes-answer.ts';
import { isSilent } from './clickhouse/silent-node.ts';
import type { Verdict } from './verdict.ts';

/**
 * Runs checks of the nodes side by side, and nodes-answer when they have ended: a node may fall silent
 * while they look. A node that does not answer has its verdict whichever checks were chosen, because
 * the others leave it out. The verdicts come in the order of the checks, after an unasked one.
 */
export async function runClusterChecks<Context extends ClusterContext | PlatformContext>(
  checks: readonly (Pick<Check, 'name' | 'title'> & {
    run(context: Context): ReturnType<Check['run']>;
  })[],
  context: Context,
  onVerdict: OnVerdict = () => undefined,
): Promise<Verdict[]> {
  const others = checks.filter(({ name }) => name !== nodesAnswer.name);
  const verdicts = await runChecks(others, context, onVerdict);
  if (others.length === checks.length && !context.cluster.nodes.some(isSilent)) return verdicts;
  const nodes = await runCheck(nodesAnswer, context);
  onVerdict(nodes);
  return [nodes, ...verdicts];
}
