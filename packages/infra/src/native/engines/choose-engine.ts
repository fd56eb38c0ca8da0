import type { Address } from '../../clickhouse-config.ts';
import { dialectOf, isModern } from '../../clickhouse-dialect.ts';
import type { Progress } from '../../runtime.ts';
import {
  EngineError,
  type CoordinationChoice,
  type EngineChoice,
  type EngineName,
} from './engine.ts';
import { findServer, type FoundServer, type SearchEnvironment } from './find-server.ts';
import { findZookeeper } from './find-zookeeper.ts';

/** What was asked for. */
export interface EngineWish {
  readonly engine?: EngineName;
  /** An ensemble that is there already. */
  readonly coordination?: readonly Address[];
  /** Whether the platform has an Airflow, whose client old servers do not understand. */
  readonly airflow: boolean;
}

/**
 * The engine to start, with its programs; says which server was found and what coordinates it.
 * @throws EngineError when it is not on this machine, or cannot do what is wished
 */
export async function chooseEngine(
  { engine = 'chdb', coordination, airflow }: EngineWish,
  environment: SearchEnvironment,
  progress: Pick<Progress, 'message'>,
): Promise<EngineChoice> {
  const found = engine === 'chdb' ? undefined : await findServer(environment);
  if (
    engine === 'chdb' ||
    (engine === 'auto' && (found === undefined || !isModern(found.version)))
  ) {
    if (coordination !== undefined) {
      throw new EngineError(
        '--coordination is for servers: expected --engine server with it, found the embedded engine.',
      );
    }
    if (found !== undefined) {
      progress.message(
        `ClickHouse ${found.version} (${found.source}) is old; using the embedded engine.`,
      );
    }
    return { name: 'chdb' };
  }
  if (found === undefined) throw new EngineError(NO_SERVER);
  const { command, version, source } = found;
  if (airflow && !dialectOf(version).airflowClient) {
    throw new EngineError(
      `Expected a ClickHouse that Airflow's client can talk to (20.10 or later), found ${version} (${source}). ` +
        'Add --without airflow, or set PROVEHOUSE_CLICKHOUSE to a newer program.',
    );
  }
  const choice = await chooseCoordination(found, coordination, environment);
  const by = { keeper: 'three Keepers', zookeeper: 'three ZooKeepers', existing: 'your ensemble' };
  progress.message(`ClickHouse ${version} (${source}), coordinated by ${by[choice.kind]}.`);
  return { name: 'server', command: [...command], version, coordination: choice };
}

async function chooseCoordination(
  { keeper, version, source }: FoundServer,
  servers: readonly Address[] | undefined,
  environment: SearchEnvironment,
): Promise<CoordinationChoice> {
  if (servers !== undefined) return { kind: 'existing', servers: [...servers] };
  if (keeper !== undefined) return { kind: 'keeper', command: [...keeper] };
  const zookeeper = await findZookeeper(environment);
  if (zookeeper !== undefined) return { kind: 'zookeeper', command: [...zookeeper] };
  throw new EngineError(
    `ClickHouse ${version} (${source}) has no Keeper: expected Java and ZooKeeper, found none. ` +
      'On Debian: apt-get install libzookeeper-java default-jre-headless. Or name an ensemble with --coordination.',
  );
}

const NO_SERVER =
  'Expected a ClickHouse server, found none. Put `clickhouse` on PATH, set PROVEHOUSE_CLICKHOUSE to the program, ' +
  'or on Debian: apt-get install clickhouse-server libzookeeper-java default-jre-headless.';
