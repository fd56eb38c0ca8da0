import { join } from 'node:path';
import {
  findTool,
  kafkaJars,
  provideJmxAgent,
  provideProgram,
  provideStatsdExporter,
  shareOf,
  zookeeperJars,
} from '@provehouse/infra';
import type { ImageRecipe } from './build-image.ts';
import { DockerError } from './docker.ts';
import {
  alertmanagerRecipe,
  exporterRecipe,
  kafkaRecipe,
  keeperRecipe,
  minioRecipe,
  PROJECT_PYTHON,
  prometheusRecipe,
  type RegistryImage,
  standInRecipe,
} from './image-set.ts';
import { minioProgram } from './minio-program.ts';

/** Where what goes into an image comes from. */
export interface RecipeSources {
  readonly cache: string;
  readonly progress: (text: string) => void;
  readonly environment: NodeJS.ProcessEnv;
}

type MonitoringProgram = Parameters<typeof provideProgram>[0];

/** The recipe of an image's stand-in, for which what goes into it is provided. */
export async function recipeOf(
  name: RegistryImage,
  base: string,
  options: RecipeSources,
): Promise<ImageRecipe> {
  const { cache, progress } = options;
  switch (name) {
    case 'minio':
      return minioRecipe(await minioProgram(options), base);
    case 'keeper': {
      const sources = { python: PROJECT_PYTHON, cache };
      const [jars, agent] = await Promise.all([
        zookeeperJars({ ...sources, onDownload: () => progress('Downloading ZooKeeper.') }),
        provideJmxAgent({ ...sources, onDownload: () => progress('Downloading the JMX agent.') }),
      ]);
      return keeperRecipe(jars, base, agent);
    }
    case 'kafka': {
      const onDownload = () => progress('Downloading Kafka.');
      return kafkaRecipe(await kafkaJars({ python: PROJECT_PYTHON, cache, onDownload }), base);
    }
    case 'prometheus':
      return prometheusRecipe(await prometheusPrograms(options), base);
    case 'alertmanager':
      return alertmanagerRecipe(await alertmanagerPrograms(options), base);
    case 'postgres_exporter':
      return exporterRecipe(name, await programOf('postgres', options), base);
    case 'redis_exporter':
      return exporterRecipe(name, await programOf('redis', options), base);
    case 'verdict_exporter':
      return exporterRecipe(name, await programOf('verdicts', options), base);
    case 'statsd_exporter':
      return exporterRecipe(name, await provideStatsdExporter(options), base);
    default:
      return standInRecipe(name, base);
  }
}

async function prometheusPrograms(options: RecipeSources) {
  const [prometheus, promtool] = await programAndTool('prometheus', 'promtool', options);
  return { prometheus, promtool };
}

async function alertmanagerPrograms(options: RecipeSources) {
  const [alertmanager, amtool] = await programAndTool('alertmanager', 'amtool', options);
  const share = shareOf(alertmanager);
  return {
    ...{ alertmanager, amtool },
    ...(share !== undefined && { share: join(share, 'prometheus/alertmanager') }),
  };
}

const programOf = (
  program: MonitoringProgram,
  { cache, progress, environment }: RecipeSources,
): Promise<string> =>
  provideProgram(program, {
    ...{ cache, environment },
    onDownload: (debian) => progress(`Downloading Debian's ${debian}.`),
  });

/** A program of monitoring, and the one beside it that its container is asked by. @throws DockerError */
async function programAndTool(
  program: 'prometheus' | 'alertmanager',
  tool: 'promtool' | 'amtool',
  sources: RecipeSources,
): Promise<[string, string]> {
  const file = await programOf(program, sources);
  const beside = await findTool(tool, sources);
  if (beside === undefined) {
    throw new DockerError(`Expected ${tool} beside the ${program} on PATH, found none.`);
  }
  return [file, beside];
}
