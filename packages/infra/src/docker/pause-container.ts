import { retryUntil } from '../system/retry-until.ts';
import { docker } from './engine.ts';

/** What a busy machine takes to stop all processes of a container at once. */
const PATIENCE_MS = 20_000;

/**
 * Freezes a container. With cgroups of version 1 the engine gives up where its processes do not stop
 * within a moment, lets them go on, and says so (`freezer.go` of
 * https://github.com/opencontainers/cgroups): then it is asked again.
 * @throws EngineError when it refuses for another reason, or for all the time
 */
export const pauseContainer = (id: string): Promise<string> =>
  retryUntil(() => docker(['pause', id]), {
    signal: AbortSignal.timeout(PATIENCE_MS),
    isFinal: (error) => !String(error).includes('unable to freeze'),
  });
