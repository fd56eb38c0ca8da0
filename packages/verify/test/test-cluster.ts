import { configFiles } from './config-files.ts';
import { ownNodePorts } from './own-ports.ts';
import { sampleClusterOn, type ClusterHost, type TestCluster } from './sample-cluster.ts';
import { startSharedCluster } from './shared-cluster.ts';

export * from './sample-cluster.ts';

/** One in native processes, which all files share, or one in containers where PROVEHOUSE_TEST_RUNTIME is `docker`. */
export async function startTestCluster(): Promise<TestCluster> {
  return sampleClusterOn(await startHost(process.env['PROVEHOUSE_TEST_RUNTIME'] ?? 'native'));
}

async function startHost(runtime: string): Promise<ClusterHost> {
  if (runtime === 'native') return sharedHost();
  if (runtime !== 'docker') {
    throw new RangeError(`PROVEHOUSE_TEST_RUNTIME: expected native or docker, found ${runtime}`);
  }
  // Tests on native nodes do not need what containers do.
  const { startContainerCluster } = await import('./container-cluster.ts');
  return startContainerCluster(ownNodePorts());
}

async function sharedHost(): Promise<ClusterHost> {
  const { runtime, deployment } = await startSharedCluster();
  return {
    ...{ runtime, deployment, ...configFiles(runtime) },
    // It is taken down after the last file.
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
