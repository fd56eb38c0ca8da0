import {
  cacheFolder,
  findServer,
  provideEmbeddedLibrary,
  provideKafka,
  providePythonGroup,
  provideS3Proxy,
  zookeeperJars,
} from '@provehouse/infra';
import { DebianPackagesError, installDebianPackages } from '../container-engine/debian-packages.ts';
import { PROJECT_PYTHON } from '../images/image-set.ts';

/**
 * Provides what native platforms take from registries, because tests may have a network of their own
 * that reaches none: the embedded engine, the jars of ZooKeeper, Kafka and the S3 server, the Python
 * packages of modules, and a ClickHouse server for the tests of old servers. Without a server these tests say why they are skipped.
 */
const progress = (message: string): boolean => process.stderr.write(`${message}\n`);

async function provideServer(): Promise<void> {
  try {
    if ((await findServer(process.env)) === undefined) {
      await installDebianPackages(['clickhouse-server'], { progress });
    }
  } catch (error) {
    if (!(error instanceof DebianPackagesError)) throw error;
    progress(`NO CLICKHOUSE SERVER: tests of old servers will be skipped. ${error.message}`);
  }
}

const sources = (program: string) => ({
  ...{ python: PROJECT_PYTHON, cache: cacheFolder(process.env) },
  onDownload: () => void progress(`Downloading ${program}.`),
});

await Promise.all([
  provideServer(),
  provideEmbeddedLibrary(sources('the embedded engine')),
  zookeeperJars(sources('ZooKeeper')),
  provideKafka(sources('Kafka')),
  providePythonGroup('kafka'),
  providePythonGroup('storage'),
  provideS3Proxy(sources('an S3 server')),
]);
