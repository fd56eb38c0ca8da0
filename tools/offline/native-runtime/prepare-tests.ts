import {
  cacheFolder,
  findPrograms,
  findServer,
  GoBuildError,
  GoMissingError,
  makeDump,
  MonitoringProgramError,
  provideEmbeddedLibrary,
  provideJmxAgent,
  provideKafka,
  provideMonitoring,
  providePythonGroup,
  provideS3Proxy,
  provideStatsdExporter,
  provideSuperset,
  SupersetProgramError,
  zookeeperJars,
} from '@provehouse/infra';
import { DebianPackagesError, installDebianPackages } from '../container-engine/debian-packages.ts';
import { PROJECT_PYTHON } from '../images/image-set.ts';

/**
 * Provides what native platforms take from registries, because tests may have a network of their own
 * that reaches none: the embedded engine, the jars of ZooKeeper, Kafka, the agent in both and the S3
 * server, the Python packages of modules, Prometheus and what belongs to it, Superset, and a ClickHouse server
 * for the tests of old servers. Without a server, Prometheus, the StatsD exporter or Superset the tests of it
 * say why they are skipped.
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

async function providePrometheus(): Promise<void> {
  try {
    await provideMonitoring({
      ...{ environment: process.env, cache: cacheFolder(process.env) },
      onDownload: (debian) => progress(`Downloading Debian's ${debian}.`),
    });
  } catch (error) {
    if (!(error instanceof MonitoringProgramError)) throw error;
    progress(
      `NO PROMETHEUS, OR NOT ALL THAT BELONGS TO IT: tests of monitoring will be skipped. ${error.message}`,
    );
  }
}

async function provideStatsd(): Promise<void> {
  try {
    const cache = cacheFolder(process.env);
    await provideStatsdExporter({ environment: process.env, cache, progress });
  } catch (error) {
    if (!(error instanceof GoMissingError || error instanceof GoBuildError)) throw error;
    progress(
      `NO STATSD EXPORTER: tests of Airflow's own metrics will be skipped. ${error.message}`,
    );
  }
}

async function provideBi(): Promise<void> {
  try {
    const { cache } = sources('Superset');
    const python = await provideSuperset({
      cache,
      onInstall: () => void progress('Installing Superset.'),
    });
    const { postgres } = await findPrograms();
    const onBuild = (): void => void progress("Migrating Superset's database.");
    await makeDump({ python, postgres, cache, onBuild });
  } catch (error) {
    if (!(error instanceof SupersetProgramError)) throw error;
    progress(`NO SUPERSET: tests of it will be skipped. ${error.message}`);
  }
}

const sources = (program: string) => ({
  ...{ python: PROJECT_PYTHON, cache: cacheFolder(process.env) },
  onDownload: () => void progress(`Downloading ${program}.`),
});

await Promise.all([
  // Installing a server brings Debian's lists of packages up to date.
  provideServer().then(providePrometheus),
  provideStatsd(),
  provideEmbeddedLibrary(sources('the embedded engine')),
  zookeeperJars(sources('ZooKeeper')),
  provideJmxAgent(sources('the JMX agent')),
  provideKafka(sources('Kafka')),
  providePythonGroup('kafka'),
  providePythonGroup('monitoring'),
  providePythonGroup('storage'),
  provideS3Proxy(sources('an S3 server')),
  provideBi(),
]);
