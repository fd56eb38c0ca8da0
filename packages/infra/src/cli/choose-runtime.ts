import { resolve } from 'node:path';
import { hasContainerPlan, terraformFolder } from '../docker/container-plan.ts';
import { stateHasContainers } from '../docker/container-state.ts';
import { dockerRuntime } from '../docker/docker-runtime.ts';
import { exists } from '../system/exists.ts';
import { PlatformStateError } from '../state/state-error.ts';
import { nativeRuntime } from '../native/native-runtime.ts';
import { hasPlan, hasShape } from '../native/plan.ts';
import { stateFolder } from '../state/state-folder.ts';
import type { Runtime } from '../runtime.ts';

export const RUNTIMES = ['native', 'docker'] as const;

export type RuntimeName = (typeof RUNTIMES)[number];

/** Which platform is meant. */
export interface PlatformPlace {
  readonly home: string;
  readonly name: string;
}

/** A platform on the named runtime. @throws SecretsError for a name that cannot be a platform's */
export const openRuntime = (runtime: RuntimeName, place: PlatformPlace): Runtime =>
  runtime === 'docker' ? dockerRuntime(place) : nativeRuntime(place);

/** The runtime that PROVEHOUSE_RUNTIME names, if it is set. @throws PlatformStateError for another word */
export function runtimeSetting(environment: NodeJS.ProcessEnv): RuntimeName | undefined {
  const word = environment['PROVEHOUSE_RUNTIME'];
  if (word === undefined || word === '') return undefined;
  const known = RUNTIMES.find((runtime) => runtime === word);
  if (known !== undefined) return known;
  throw new PlatformStateError(
    `PROVEHOUSE_RUNTIME: expected ${RUNTIMES.join(' or ')}, found ${JSON.stringify(word)}.`,
  );
}

/** The runtime on which the platform was started and not taken down, if there is one. */
export async function runtimeInUse(place: PlatformPlace): Promise<RuntimeName | undefined> {
  const folder = stateFolder(resolve(place.home), place.name);
  if (await hasPlan(folder)) return 'native';
  return (await stateHasContainers(terraformFolder(folder))) ? 'docker' : undefined;
}

/** The runtime that has data of the platform, whether it runs or not, if there is one. */
export async function runtimeOfData(place: PlatformPlace): Promise<RuntimeName | undefined> {
  const folder = stateFolder(resolve(place.home), place.name);
  if (await hasContainerPlan(folder)) return 'docker';
  return (await hasShape(folder)) ? 'native' : undefined;
}

/**
 * The runtime to start the platform on: the one that it runs on or has data on, else the one that is
 * asked for, else the native one.
 * @throws PlatformStateError when it runs, or has data, on another one than is asked for
 */
export async function runtimeToStart(
  place: PlatformPlace,
  asked: RuntimeName | undefined,
): Promise<Runtime> {
  const inUse = await runtimeInUse(place);
  if (asked !== undefined && inUse !== undefined && asked !== inUse) {
    throw new PlatformStateError(
      `${place.name} was started on the ${inUse} runtime, not ${asked}. Run infra:down first, or choose another --name.`,
    );
  }
  const ofData = await runtimeOfData(place);
  if (asked !== undefined && ofData !== undefined && asked !== ofData) {
    throw new PlatformStateError(
      `${place.name} has its data on the ${ofData} runtime, not ${asked}. Start it there, remove the data with infra:down --purge, or choose another --name.`,
    );
  }
  return openRuntime(asked ?? inUse ?? ofData ?? 'native', place);
}

/** The runtime of a platform that is there; the one that is asked for when there is none. */
export const runtimeOfExisting = async (
  place: PlatformPlace,
  asked: RuntimeName | undefined,
): Promise<Runtime> => openRuntime((await runtimeInUse(place)) ?? asked ?? 'native', place);

/** Every runtime on which the platform has left something: processes, containers or volumes. */
export async function runtimesWithTraces(place: PlatformPlace): Promise<readonly Runtime[]> {
  const folder = stateFolder(resolve(place.home), place.name);
  const docker = await exists(terraformFolder(folder));
  return [...(docker ? [dockerRuntime(place)] : []), nativeRuntime(place)];
}
