import { docker } from '../src/docker/engine.ts';

/**
 * Stops all processes of a container but its first, which only passes on signals, as if they hung: they
 * exist and their ports are open. They go on when what is given is disposed of.
 */
export async function freeze(container: string): Promise<AsyncDisposable> {
  const signal = (name: string): Promise<string> =>
    docker(['exec', container, 'sh', '-c', `kill -s ${name} -- -1`]);
  await signal('STOP');
  return {
    async [Symbol.asyncDispose]() {
      await signal('CONT');
    },
  };
}
