import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { openRuntime } from '@provehouse/infra';
import { expect } from 'vitest';
import { z } from 'zod';
import type { ReplicatedCluster } from './replicated-cluster.ts';
import type { TestCluster } from './test-cluster.ts';

/**
 * Runs a node's process with other variables in its environment than its platform gives it, until the
 * end of the block. Native nodes only.
 */
export async function restartedUnder(
  { runtime, deployment, cluster }: TestCluster | ReplicatedCluster,
  node: string,
  environment: Readonly<Record<string, string>>,
): Promise<AsyncDisposable> {
  const native = openRuntime('native', {
    home: dirname(runtime.directory),
    name: deployment.name,
  });
  const pid = (await native.status()).find(({ name }) => name === node)?.pid;
  if (pid === undefined) throw new RangeError(`expected a process of ${node}, found none`);
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8');
  const [program = '', ...words] = command.replace(/\0$/, '').split('\0');
  await runtime.stop(node);
  const env = { ...process.env, ...environment };
  const child = spawn(program, words, { cwd: runtime.directory, stdio: 'ignore', env });
  const stop = async (): Promise<void> => {
    const ended = once(child, 'exit');
    if (child.exitCode === null && child.kill('SIGTERM')) await ended;
    await runtime.start(node);
  };
  try {
    const one = z.object({ one: z.coerce.number() });
    await expect
      .poll(() => cluster.node(node).query('SELECT 1 AS one', one), { timeout: 60_000 })
      .toHaveLength(1);
  } catch (error) {
    await stop();
    throw error;
  }
  return { [Symbol.asyncDispose]: stop };
}
