import { chmod, mkdir, rm } from 'node:fs/promises';
import { checkedSecrets, writeSecrets, type Secrets } from '@provehouse/secrets';
import type { Deployment } from '../state/deployment.ts';
import { readDeployment, writeDeployment } from '../state/deployment-file.ts';
import type { Component } from './component.ts';
import { ensureSecrets } from '../state/ensure-secrets.ts';
import { exists } from '../system/exists.ts';
import { componentNames, loadPlatform, type PlatformPlace } from './load-platform.ts';
import { silent, type Progress, type UpOptions } from '../runtime.ts';
import { lockPlatform } from '../state/lock.ts';
import { PlatformStateError } from '../state/state-error.ts';
import { planNew, planOfRunning } from './make-plan.ts';
import { portClaims } from '../system/port-claims.ts';
import { writePlan, type Plan } from './plan.ts';
import { secretsNeeded, type Platform } from './platform.ts';
import { findPrograms } from './programs.ts';
import { removeAbandonedRules } from '../system/packet-filter.ts';
import { startComponents } from './start.ts';
import type { StateFolder } from '../state/state-folder.ts';
import { stopPlatform } from './stop.ts';
import { isSupervisorRunning, processStates, startSupervisor } from './supervisord.ts';

/**
 * Starts what does not run, waits until everything answers and writes the deployment. What it started
 * itself it takes down again when it fails or is interrupted.
 */
export async function up(
  place: PlatformPlace,
  name: string,
  options: UpOptions,
): Promise<Deployment> {
  const { folder, descriptors } = place;
  const { progress = silent, signal = new AbortController().signal } = options;
  await using _lock = await lockPlatform(folder, 'starting');
  await using claims = portClaims();
  const runs = await isSupervisorRunning(folder);
  const plan = runs
    ? await planOfRunning(folder, options)
    : await planNew(place, options, progress, claims);
  const kept = await ensureSecrets(folder, progress, secretsNeeded(descriptors, plan));
  const secrets = withStorageKeys(kept, plan, options, runs);
  const platform = await loadPlatform(place, plan, progress, secrets);
  await Promise.all(platform.elsewhere.map((service) => service.prove(signal)));
  // Keys that were refused are not kept.
  if (secrets !== kept) await writeSecrets(folder.secretsFile, secrets, { force: true });
  if (plan.engine.coordination !== undefined) await healNetwork(progress);
  if (runs && (await exists(folder.deploymentFile)) && (await allRun(folder, platform))) {
    const quick = platform.components.filter(({ slowProbe }) => !slowProbe).map(withoutSetup);
    await startComponents(folder, quick, quiet, signal);
    progress.message('Everything runs already; nothing was changed.');
    return readDeployment(folder.deploymentFile);
  }
  await rm(folder.deploymentFile, { force: true });
  try {
    if (!runs) await startFresh(folder, plan, platform, signal);
    await startComponents(
      folder,
      platform.components,
      {
        onWaiting: (component) => progress.waiting(component),
        onReady: (component, seconds) => progress.ready(component, seconds),
      },
      signal,
    );
    await platform.settle();
    const deployment = await platform.describe(name);
    await writeDeployment(folder.deploymentFile, deployment);
    return deployment;
  } catch (error) {
    if (!runs) {
      progress.message('Taking down what was started.');
      await stopPlatform(place);
    }
    throw error;
  }
}

/**
 * The secrets with the keys of a bucket that somebody else runs, where they are given and are others.
 * @throws PlatformStateError for others than a platform runs with; SecretsError, which holds no value
 */
function withStorageKeys(
  secrets: Secrets,
  { storageEndpoint }: Plan,
  { storageKeys }: UpOptions,
  runs: boolean,
): Secrets {
  if (storageKeys === undefined || storageEndpoint === undefined) return secrets;
  const { accessKey, secretKey } = storageKeys;
  if (accessKey === secrets.minio_root_user && secretKey === secrets.minio_root_password) {
    return secrets;
  }
  if (runs) {
    throw new PlatformStateError(
      'The platform runs with other keys of its bucket. Run infra:down first.',
    );
  }
  return checkedSecrets('What the secrets would be with the keys of the bucket', {
    ...secrets,
    ...{ minio_root_user: accessKey, minio_root_password: secretKey },
  });
}

/** A drill that was killed cannot have let packets pass again. */
async function healNetwork(progress: Progress): Promise<void> {
  for (const mark of await removeAbandonedRules()) {
    progress.message(`Removed the rules of the packet filter that a killed drill left: ${mark}.`);
  }
}

const quiet = { onWaiting() {}, onReady() {} };

/** The component as one that already runs is asked: its files and database are left as they are. */
const withoutSetup = ({ prepare: _, provision: __, ...component }: Component): Component =>
  component;

async function startFresh(
  folder: StateFolder,
  plan: Plan,
  platform: Platform,
  signal: AbortSignal,
): Promise<void> {
  for (const path of [folder.config, folder.data, folder.logs, folder.run]) {
    await mkdir(path, { recursive: true });
  }
  await chmod(folder.config, 0o700);
  await writePlan(folder, plan);
  const { supervisord } = await findPrograms();
  await startSupervisor(folder, supervisord, platform.components, signal);
}

async function allRun(folder: StateFolder, platform: Platform): Promise<boolean> {
  const states = await processStates(folder);
  return componentNames(platform).every((name) => states.get(name)?.statename === 'RUNNING');
}
