import { rm } from 'node:fs/promises';
import type { Secrets } from '@provehouse/secrets';
import { cacheFolder } from '../state/cache-folder.ts';
import { deploymentSchema, type Deployment } from '../state/deployment.ts';
import { readDeployment, writeDeployment } from '../state/deployment-file.ts';
import type { ComponentDescriptor } from '../components/descriptor.ts';
import { exists } from '../system/exists.ts';
import { ensureSecrets } from '../state/ensure-secrets.ts';
import { silent, type Progress, type UpOptions } from '../runtime.ts';
import { lockPlatform } from '../state/lock.ts';
import { portClaims } from '../system/port-claims.ts';
import type { StateFolder } from '../state/state-folder.ts';
import {
  containerFiles,
  describeParts,
  fetchedFiles,
  imagesUsed,
  leftOut,
  providePrograms,
  secretsNeeded,
  settleContainers,
  writtenFolders,
} from './components.ts';
import {
  keptFolder,
  terraformFolder,
  writeContainerPlan,
  type ContainerPlan,
} from './container-plan.ts';
import { containersOf } from './containers.ts';
import { removeStrays } from './container-state.ts';
import { lastWords, watchForCrashes } from './container-status.ts';
import { checkEngine, EngineError } from './engine.ts';
import { makeContainerPlan } from './make-container-plan.ts';
import { makeWrittenFolders, writeFiles } from './platform-files.ts';
import { checkProvidedImages, imagesFor, readProvidedImages } from './provided-images.ts';
import { askReady, untilAllAnswer } from './until-answering.ts';
import { TerraformError } from './terraform-error.ts';
import { findTerraform } from './terraform-program.ts';
import { TerraformWorkspace } from './terraform.ts';
import { calledModules, terraformVariables } from './terraform-variables.ts';

/** Where a platform is, and what it may be made of. */
export interface PlatformPlace {
  readonly folder: StateFolder;
  readonly name: string;
  readonly descriptors: readonly ComponentDescriptor[];
}

/**
 * Makes the platform what is asked by Terraform, waits until every container is healthy and writes the
 * deployment. A start that fails or is interrupted leaves what there is: the next one goes on from it.
 */
export async function dockerUp(place: PlatformPlace, options: UpOptions): Promise<Deployment> {
  const { folder, name, descriptors } = place;
  const { progress = silent, signal = new AbortController().signal } = options;
  await using _lock = await lockPlatform(folder, 'starting');
  await using claims = portClaims();
  const { workspace, plan, secrets, since } = await prepareUp(place, options, progress, claims);
  // Noted before anything is made by it.
  await writeContainerPlan(folder, plan);
  for (const [image, standIn] of Object.entries(plan.standIns)) {
    progress.message(`${image} is a stand-in: ${standIn}.`);
  }
  const removed = await removeStrays(name, terraformFolder(folder));
  if (removed > 0) progress.message(`Removed ${removed} leftovers of a start that was cut off.`);
  signal.throwIfAborted();
  const [changes, asked] = await Promise.all([
    apply(workspace, name, progress, signal),
    // While Terraform looks for what to change: mostly there is nothing.
    askReady(name, signal),
  ]);
  const applied = Object.values(changes).some((count) => count > 0);
  const answers = applied ? new Map<string, boolean>() : asked;
  const helped = await untilAllAnswer(name, { since, asked: answers, progress, signal });
  const context = { name, plan, secrets, keptFolder: keptFolder(folder) };
  const unchanged = !applied && helped.length === 0;
  if (!unchanged) await rm(folder.deploymentFile, { force: true });
  await settleContainers(descriptors, context, signal);
  if (unchanged && (await exists(folder.deploymentFile))) {
    progress.message('Everything runs already; nothing was changed.');
    return readDeployment(folder.deploymentFile);
  }
  const without = leftOut(descriptors, plan);
  const deployment = deploymentSchema.parse({
    formatVersion: 1,
    ...{ name, runtime: 'docker', engine: plan.engine },
    createdAt: new Date().toISOString(),
    ...(await describeParts(descriptors, context)),
    components: await describeContainers(name),
    secretsFile: folder.secretsFile,
    logFolders: [],
    ...(Object.keys(plan.standIns).length > 0 && { standIns: plan.standIns }),
    ...(Object.keys(without).length > 0 && { leftOut: without }),
  });
  await writeDeployment(folder.deploymentFile, deployment);
  return deployment;
}

/** The components of the deployment. */
async function describeContainers(name: string): Promise<Deployment['components']> {
  const containers = await containersOf(name);
  return containers
    .filter(({ job }) => !job)
    .map(({ component, kind, published, name: container }) => ({
      name: component,
      kind,
      ...(published[0] !== undefined && { address: published[0] }),
      container,
    }));
}

/** What an `up` with these options would change, as Terraform's text; no later `up` takes it for a wish. */
export async function dockerPlan(
  place: PlatformPlace,
  options: UpOptions,
  color: boolean,
): Promise<string> {
  await using _lock = await lockPlatform(place.folder, 'planning');
  await using claims = portClaims();
  const { progress = silent } = options;
  const { workspace } = await prepareUp(place, options, progress, claims);
  return workspace.plan(color);
}

async function prepareUp(
  { folder, name, descriptors }: PlatformPlace,
  options: UpOptions,
  progress: Progress,
  claims: Awaited<ReturnType<typeof portClaims>>,
): Promise<{
  workspace: TerraformWorkspace;
  plan: ContainerPlan;
  secrets: Secrets;
  /** When it began, by the engine's clock. */
  since: Date;
}> {
  const cache = cacheFolder(process.env);
  const [program, images, { time: since }] = await Promise.all([
    findTerraform(process.env, cache),
    readProvidedImages(cache),
    checkEngine(),
  ]);
  const plan = await makeContainerPlan({
    ...{ descriptors, folder, name, options, images, progress, claims },
  });
  const used = imagesUsed(descriptors, plan).filter(
    (name) => !Object.hasOwn(plan.chosenImages, name),
  );
  await checkProvidedImages(imagesFor(images, plan.modules), used);
  await providePrograms(descriptors, plan);
  const secrets = await ensureSecrets(folder, progress, secretsNeeded(descriptors, plan));
  const files = await containerFiles(descriptors, plan, secrets);
  await writeFiles(folder, files, fetchedFiles(descriptors, plan));
  await makeWrittenFolders(folder, writtenFolders(descriptors, plan));
  const workspace = new TerraformWorkspace(program, terraformFolder(folder));
  const request = { folder, name, plan, descriptors };
  await workspace.prepare(terraformVariables(request, true), calledModules(request));
  return { workspace, plan, secrets, since };
}

async function apply(
  workspace: TerraformWorkspace,
  name: string,
  progress: Progress,
  signal: AbortSignal,
): ReturnType<TerraformWorkspace['apply']> {
  const crash = new AbortController();
  const finished = new AbortController();
  const watch = watchForCrashes(name, finished.signal).catch((error: unknown) =>
    crash.abort(error),
  );
  try {
    return await workspace.apply(progress, AbortSignal.any([signal, crash.signal]));
  } catch (error) {
    if (!(error instanceof TerraformError || error instanceof EngineError)) throw error;
    throw new TerraformError(
      `${error.message}${await lastWords(name)}\nRun infra:up again to go on from here, or infra:down.`,
      { cause: error.cause },
    );
  } finally {
    finished.abort();
    await watch;
  }
}
