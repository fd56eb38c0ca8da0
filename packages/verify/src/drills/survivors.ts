import type { Finding } from '../verdict.ts';
import type { DrillTarget } from './drill.ts';

/**
 * Starts components that ended without being told to, and says so. With the embedded engine that is
 * known to happen to a node whose connection to another one is reset.
 */
export async function reviveSurvivors({ runtime, deployment }: DrillTarget): Promise<Finding[]> {
  const dead = (await runtime.status()).filter(({ state }) => state !== 'ready');
  const known = deployment.engine === 'chdb';
  const findings: Finding[] = [];
  for (const { name, state } of dead) {
    // A frozen one, or one that is busy, answers later: only what has ended is started.
    if (state === 'not answering') continue;
    await runtime.start(name);
    findings.push({
      status: known ? 'warned' : 'failed',
      subject: 'components that were not touched',
      node: name,
      expected: 'they go on running',
      observed: `${name} ${state}, and was started again`,
      reason: known
        ? 'The embedded engine ends when a connection that it reads from is reset.'
        : 'Its log says why: infra:logs.',
    });
  }
  return findings;
}
