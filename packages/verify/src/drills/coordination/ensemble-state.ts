import { askCoordinator, CoordinationError, type CoordinatorState } from '@provehouse/infra';
import type { DrillTarget } from '../drill-target.ts';

/** The coordinators that answer and belong to a quorum, by name. */
export async function ensembleState({
  deployment,
}: Pick<DrillTarget, 'deployment'>): Promise<ReadonlyMap<string, CoordinatorState>> {
  const servers = deployment.clickhouse.coordination?.servers ?? [];
  const states = await Promise.all(
    servers.map(async (server) => {
      const state = await askCoordinator(server).catch((error: unknown) => {
        if (error instanceof CoordinationError) return undefined;
        throw error;
      });
      return [server.name ?? `${server.host}:${server.port}`, state] as const;
    }),
  );
  return new Map(states.flatMap(([name, state]) => (state ? [[name, state] as const] : [])));
}

/** The name of the leader; nothing while there is none. */
export async function leaderOf(
  target: Pick<DrillTarget, 'deployment'>,
): Promise<string | undefined> {
  return [...(await ensembleState(target))].find(([, { role }]) => role === 'leader')?.[0];
}

/** The states as people read them: `keeper-01 leader, keeper-02 follower`. */
export const describeEnsemble = (states: ReadonlyMap<string, CoordinatorState>): string =>
  [...states].map(([name, { role }]) => `${name} ${role}`).join(', ') || 'none serves';
