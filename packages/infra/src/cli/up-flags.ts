import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import { givenPath, type PlatformOptions } from '@provehouse/secrets';
import { RUNTIMES, type RuntimeName } from './choose-runtime.ts';
import { STORAGE_TYPES, type StorageType } from '../clickhouse/storage.ts';
import {
  DATABASE_ENGINES,
  ENGINES,
  REPLICATIONS,
  type DatabaseEngine,
  type EngineName,
  type EnsembleSize,
  type ReplicationName,
} from '../clickhouse/engine.ts';
import type { Address } from '../clickhouse/config.ts';
import { parsePorts } from '../system/ports.ts';
import { IMAGE_NAMES, parseImages } from '../docker/images.ts';
import { requestedPorts } from './requested-ports.ts';
import { storageKeysOf } from './storage-keys.ts';
import {
  CONSUMERS,
  MODULES,
  type Consumer,
  type Module,
  type Progress,
  type UpOptions,
} from '../runtime.ts';
import { wholeNumber } from '../system/whole-number.ts';

/** What `up` and `plan` take from the command line. */
export interface UpFlags extends PlatformOptions {
  readonly shards?: number;
  readonly replicas?: number;
  readonly without?: 'airflow'[];
  readonly with?: Module[];
  readonly port: string[];
  readonly dags?: string;
  readonly runtime?: RuntimeName;
  readonly engine?: EngineName;
  readonly replication?: ReplicationName;
  readonly coordination?: Address[];
  readonly coordinators?: EnsembleSize;
  readonly databaseEngine?: DatabaseEngine;
  readonly workers?: number;
  readonly storage?: StorageType;
  readonly storageEndpoint?: string;
  readonly consumer?: Consumer[];
  readonly image?: string[];
}

/** Addresses with commas between them. @throws InvalidArgumentError for another text */
const addresses = (text: string): Address[] =>
  text.split(',').map((word) => {
    const [, host, port] = /^([^:\s]+):(\d{1,5})$/.exec(word.trim()) ?? [];
    if (host === undefined || Number(port) < 1 || Number(port) > 65_535) {
      throw new InvalidArgumentError('Expected addresses such as keeper-1:9181,keeper-2:9181.');
    }
    return { host, port: Number(port) };
  });

/** @throws InvalidArgumentError for another text */
const ensembleSize = (text: string): EnsembleSize => {
  if (text === '1') return 1;
  if (text === '3') return 3;
  throw new InvalidArgumentError('Expected 1 or 3.');
};

/** Adds the options that say how large a platform is. */
export const shape = (created: Command): Command =>
  created
    .option('--shards <count>', 'shards of the ClickHouse cluster (default: 2)', wholeNumber)
    .option('--replicas <count>', 'replicas of each shard (default: 2)', wholeNumber)
    .option('--dags <folder>', "folder of the DAG files (default: this project's)", (folder) =>
      givenPath(folder),
    );

/** Adds the options that say what a platform is made of. */
export const wanted = (created: Command): Command =>
  shape(created)
    .addOption(
      new Option('--runtime <runtime>', 'processes of this machine, or containers').choices(
        RUNTIMES,
      ),
    )
    .addOption(
      new Option(
        '--without <part...>',
        'leave out a part; none brings it back (default: as before, else none)',
      )
        .choices(['airflow', 'none'])
        .argParser((part: string, parts: string[] = []) => {
          if (part === 'none') return parts;
          if (part !== 'airflow') {
            throw new InvalidArgumentError(
              'Expected airflow, which alone can be left out, or none.',
            );
          }
          return [...parts, part];
        }),
    )
    .addOption(
      new Option(
        '--with <module...>',
        'add a module, or several with commas between them; none takes all away (default: as before, else none)',
      )
        .choices([...MODULES, 'none'])
        .argParser((words: string, modules: Module[] = []) => [
          ...modules,
          ...words.split(',').flatMap((word) => {
            const module = MODULES.find((name) => name === word);
            if (module === undefined && word !== 'none') {
              throw new InvalidArgumentError(`Expected ${MODULES.join(', ')}, or none.`);
            }
            return module ?? [];
          }),
        ]),
    )
    .addOption(
      new Option(
        '--engine <engine>',
        'what serves ClickHouse: the embedded engine, a ClickHouse server, or the better one that is there (processes)',
      ).choices(ENGINES),
    )
    .addOption(
      new Option(
        '--replication <replication>',
        'how replicas of the embedded engine get the same rows (processes; default: auto, which is keeper where that can be)',
      ).choices(REPLICATIONS),
    )
    .option(
      '--coordination <host:port,...>',
      'Keepers or ZooKeepers that run already (processes)',
      addresses,
    )
    .option(
      '--coordinators <count>',
      'coordinators to start, 1 or 3 (processes; default: 3)',
      ensembleSize,
    )
    .addOption(
      new Option(
        '--database-engine <engine>',
        "what the platform's database is (processes; default: atomic)",
      ).choices(DATABASE_ENGINES),
    )
    .option('--workers <count>', 'Celery workers (containers; default: 1)', wholeNumber)
    .addOption(
      new Option(
        '--storage <type>',
        'where nodes keep their data (local_ssd_backup: containers; default: as before, else local_ssd)',
      ).choices(STORAGE_TYPES),
    )
    .addOption(
      new Option(
        '--storage-endpoint <url>',
        'a bucket that somebody else runs, which the module storage is then: http(s)://host:port/bucket/prefix, or none for one of its own (processes; default: as before, else none)',
      ),
    )
    .addOption(
      new Option(
        '--consumer <name...>',
        'who gets a database besides Airflow (containers)',
      ).choices(CONSUMERS),
    )
    .option(
      '--image <name=reference>',
      `an image instead of the usual one, by version or digest: ${IMAGE_NAMES.join(', ')} (containers; repeatable)`,
      (word: string, words: string[] = []) => [...words, word],
    )
    .option(
      '--port <name=port>',
      'a required port, such as airflow=18080 (repeatable)',
      (word: string, words: string[]) => [...words, word],
      (process.env['PROVEHOUSE_PORTS'] ?? '').split(',').filter((word) => word !== ''),
    );

/**
 * The options of a runtime out of those of the command line.
 * @throws PortError, TopologyError, StorageError
 */
export const upOptions = (flags: UpFlags, progress: Progress, signal: AbortSignal): UpOptions => ({
  ...(flags.shards !== undefined && { shards: flags.shards }),
  ...(flags.replicas !== undefined && { replicas: flags.replicas }),
  ...(flags.without && { without: flags.without }),
  ...(flags.with && { with: flags.with }),
  ...(flags.dags !== undefined && { dagsFolder: flags.dags }),
  ...(flags.engine && { engine: flags.engine }),
  ...(flags.replication && { replication: flags.replication }),
  ...(flags.coordination && { coordination: flags.coordination }),
  ...(flags.coordinators && { coordinators: flags.coordinators }),
  ...(flags.databaseEngine && { databaseEngine: flags.databaseEngine }),
  ...(flags.workers !== undefined && { workers: flags.workers }),
  ...(flags.storage !== undefined && { storage: flags.storage }),
  ...(flags.storageEndpoint !== undefined && { storageEndpoint: flags.storageEndpoint }),
  ...storageKeysOf(process.env),
  ...(flags.consumer && { consumers: flags.consumer }),
  ...(flags.image && { images: parseImages(flags.image) }),
  ports: parsePorts(flags.port, requestedPorts(flags)),
  signal,
  progress,
});
