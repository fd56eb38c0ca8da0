import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nativeRuntime } from '@provehouse/infra';
import { configFiles } from './config-files.ts';
import { ownPorts } from './own-ports.ts';
import { sampleClusterOn, type TestCluster } from './sample-cluster.ts';

/** Without Airflow; replicas of their own would repair much of what tests damage. */
export const TEST_CLUSTER = {
  without: ['airflow'],
  replication: 'distributed-writes',
} as const;

/** Starts a native cluster that nobody shares, such as one that is measured. */
export async function startOwnCluster(): Promise<TestCluster> {
  await using started = new AsyncDisposableStack();
  const home = await mkdtemp(join(tmpdir(), 'provehouse-test-'));
  started.defer(() => rm(home, { recursive: true }));
  const runtime = nativeRuntime({ home, name: 'test' });
  started.defer(() => runtime.down({ purge: true }));
  const deployment = await runtime.up({ ...TEST_CLUSTER, ports: ownPorts() });
  const running = started.move();
  return sampleClusterOn({
    ...{ runtime, deployment, ...configFiles(runtime) },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  });
}
