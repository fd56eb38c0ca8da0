import type { Address } from '../../clickhouse/config.ts';
import { dialectOf, isModern } from '../../clickhouse/dialect.ts';
import type { Progress } from '../../runtime.ts';
import {
  EngineError,
  type CoordinationChoice,
  type EmbeddedChoice,
  type EngineChoice,
  type EngineOptions,
  type EnsembleSize,
} from '../../clickhouse/engine.ts';
import type { EngineExamination } from './examine-engine.ts';
import { findServer, type FoundServer, type SearchEnvironment } from './find-server.ts';
import { findZookeeper } from './find-zookeeper.ts';

/** What was asked for. */
export interface EngineWish extends EngineOptions {
  /** Whether the platform has an Airflow, whose client old servers do not understand. */
  readonly airflow: boolean;
}

/** Where engines and coordination come from on this machine. */
export interface EngineSources {
  readonly environment: SearchEnvironment;
  /** Makes sure that the embedded engine is there. @throws EngineError where it cannot be had */
  provideEmbedded(): Promise<unknown>;
  /** Whether the embedded engine can replicate. */
  examineEmbedded(): Promise<EngineExamination>;
  /** The command of the ZooKeeper that packages bring along. @throws an error that says what to do */
  provideZookeeper(): Promise<readonly string[]>;
}

/**
 * The engine to start, with its programs; says which one it is and what coordinates it.
 * @throws EngineError when it is not on this machine, or cannot do what is wished
 */
export async function chooseEngine(
  wish: EngineWish,
  sources: EngineSources,
  progress: Pick<Progress, 'message'>,
): Promise<EngineChoice> {
  const { engine = 'chdb', replication = 'auto', airflow } = wish;
  const found = engine === 'chdb' ? undefined : await findServer(sources.environment);
  if (
    engine === 'chdb' ||
    (engine === 'auto' && (found === undefined || !isModern(found.version)))
  ) {
    if (found !== undefined) {
      progress.message(
        `ClickHouse ${found.version} (${found.source}) is old; using the embedded engine.`,
      );
    }
    return chooseEmbedded(wish, sources, progress);
  }
  if (found === undefined) throw new EngineError(NO_SERVER);
  if (replication === 'distributed-writes') {
    throw new EngineError(
      '--replication distributed-writes is for the embedded engine: expected --engine chdb with it, found servers, which replicate.',
    );
  }
  const { command, version, source } = found;
  if (airflow && !dialectOf(version).airflowClient) {
    throw new EngineError(
      `Expected a ClickHouse that Airflow's client can talk to (20.10 or later), found ${version} (${source}). ` +
        'Add --without airflow, or set PROVEHOUSE_CLICKHOUSE to a newer program.',
    );
  }
  const coordination = await coordinateServers(found, wish, sources);
  progress.message(`ClickHouse ${version} (${source}), coordinated by ${inWords(coordination)}.`);
  return { name: 'server', command: [...command], version, coordination };
}

async function chooseEmbedded(
  { replication = 'auto', coordination: servers, coordinators = 3 }: EngineWish,
  sources: EngineSources,
  progress: Pick<Progress, 'message'>,
): Promise<EmbeddedChoice> {
  await sources.provideEmbedded();
  if (replication === 'distributed-writes') {
    if (servers !== undefined) {
      throw new EngineError(
        '--coordination is for tables that replicate: expected no --replication distributed-writes with it.',
      );
    }
    return { name: 'chdb' };
  }
  const required = replication === 'keeper' || servers !== undefined;
  const without = (reason: string, cause?: unknown): EmbeddedChoice => {
    if (required) {
      throw new EngineError(
        `The embedded engine cannot replicate: ${reason}. --replication distributed-writes does without.`,
        { cause },
      );
    }
    progress.message(`Replicas get their rows by distributed writes: ${reason}.`);
    return { name: 'chdb', withoutCoordination: reason };
  };
  const examined = await sources.examineEmbedded();
  if ('reason' in examined) return without(examined.reason);
  try {
    const coordination =
      existing(servers) ?? ensemble('zookeeper', await sources.provideZookeeper(), coordinators);
    progress.message(
      `ClickHouse ${examined.version} (embedded, replication wired by Provehouse), coordinated by ${inWords(coordination)}.`,
    );
    return { name: 'chdb', coordination };
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/\.$/, '') : String(error);
    return without(reason, error);
  }
}

async function coordinateServers(
  { keeper }: FoundServer,
  { coordination, coordinators = 3 }: EngineWish,
  { environment, provideZookeeper }: EngineSources,
): Promise<CoordinationChoice> {
  const own = existing(coordination);
  if (own !== undefined) return own;
  if (keeper !== undefined) return ensemble('keeper', keeper, coordinators);
  const zookeeper = (await findZookeeper(environment)) ?? (await provideZookeeper());
  return ensemble('zookeeper', zookeeper, coordinators);
}

const existing = (servers: readonly Address[] | undefined): CoordinationChoice | undefined =>
  servers && { kind: 'existing', servers: [...servers] };

const ensemble = (
  kind: 'keeper' | 'zookeeper',
  command: readonly string[],
  members: EnsembleSize,
): CoordinationChoice => ({ kind, command: [...command], members });

const inWords = (choice: CoordinationChoice): string => {
  if (choice.kind === 'existing') return 'your ensemble';
  const name = choice.kind === 'keeper' ? 'Keeper' : 'ZooKeeper';
  return choice.members === 1 ? `one ${name}` : `three ${name}s`;
};

const NO_SERVER =
  'Expected a ClickHouse server, found none. Put `clickhouse` on PATH, set PROVEHOUSE_CLICKHOUSE to the program, ' +
  'or on Debian: apt-get install clickhouse-server.';
