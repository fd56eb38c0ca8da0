import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { generateSecrets, readSecrets, rotateSecrets } from '@provehouse/secrets';
import { cacheFolder } from '../state/cache-folder.ts';
import type { Progress } from '../runtime.ts';
import { lockPlatform } from '../state/lock.ts';
import { exists } from '../system/exists.ts';
import { processesOf } from '../system/processes.ts';
import { containerFiles, fetchedFiles, secretsNeeded } from './components.ts';
import { keptFolder, readContainerPlan, terraformFolder } from './container-plan.ts';
import { containersOf, remainsOf, type Remains } from './containers.ts';
import { removeStrays } from './container-state.ts';
import { docker, EngineError } from './engine.ts';
import type { PlatformPlace } from './docker-up.ts';
import { writeFiles } from './platform-files.ts';
import { findTerraform } from './terraform-program.ts';
import { TerraformWorkspace } from './terraform.ts';
import { calledModules, terraformVariables } from './terraform-variables.ts';

/** What Terraform has in its folder while it works (https://developer.hashicorp.com/terraform/language/backend/local). */
const TERRAFORM_LOCK = '.terraform.tfstate.lock.info';

/** Removes containers and networks; the volumes and their data stay unless `purge` says otherwise. */
export async function dockerDown(
  place: PlatformPlace,
  { purge, progress }: { readonly purge: boolean; readonly progress: Progress },
): Promise<void> {
  const { folder } = place;
  await using _lock = await lockPlatform(folder, 'stopping');
  await (purge ? removeAll(place, progress) : removeContainers(place, progress));
  const gone = [folder.config, folder.deploymentFile];
  const purged = [
    ...[terraformFolder(folder), keptFolder(folder), folder.data],
    ...[folder.logs, join(folder.root, 'verify')],
  ];
  for (const path of purge ? [...gone, ...purged] : gone) {
    await rm(path, { recursive: true, force: true });
  }
}

/** Stops components after those that need them, as Terraform knows them, which keeps what it knows of volumes. */
async function removeContainers(
  { folder, name, descriptors }: PlatformPlace,
  progress: Progress,
): Promise<void> {
  const plan = await readContainerPlan(folder);
  if (plan !== undefined) {
    const program = await findTerraform(process.env, cacheFolder(process.env));
    const workspace = new TerraformWorkspace(program, terraformFolder(folder));
    // Terraform looks at the files' hashes even where nothing uses them any more.
    const secrets = await readSecrets(folder.secretsFile).catch(() => generateSecrets());
    const whole = rotateSecrets(generateSecrets(), secretsNeeded(descriptors, plan));
    const files = await containerFiles(descriptors, plan, { ...whole, ...secrets });
    // Nothing is fetched to be removed.
    const absent = Object.keys(fetchedFiles(descriptors, plan)).map((path) => [path, '']);
    await writeFiles(folder, { ...files, ...Object.fromEntries(absent) });
    await removeStrays(name, terraformFolder(folder));
    const request = { folder, name, plan, descriptors };
    await workspace.prepare(terraformVariables(request, false), calledModules(request));
    await workspace.apply(progress, new AbortController().signal);
  }
  // What Terraform does not know of, because its state was lost.
  await removeRemains(await remainsOf(name));
}

/**
 * Removes whatever the engine has of a platform, all at once: nothing is left that a component would have
 * to write down before it ends. Terraform's state goes with it, so it is not asked.
 */
async function removeAll({ folder, name }: PlatformPlace, progress: Progress): Promise<void> {
  await expectNoTerraform(terraformFolder(folder));
  const components = (await containersOf(name)).map(({ component }) => component);
  const { volumes, ...others } = await remainsOf(name);
  await removeRemains(others);
  for (const component of components) progress.gone(component);
  if (volumes.length > 0) await docker(['volume', 'rm', ...volumes]);
}

async function removeRemains({
  containers,
  networks,
}: Pick<Remains, 'containers' | 'networks'>): Promise<void> {
  if (containers.length > 0) await docker(['rm', '--force', '--volumes', ...containers]);
  if (networks.length > 0) await docker(['network', 'rm', ...networks]);
}

/** That of a start whose own process was killed goes on, and would make what is to be removed. */
async function expectNoTerraform(workspace: string): Promise<void> {
  if (!(await exists(join(workspace, TERRAFORM_LOCK)))) return;
  const [pid] = await processesOf(workspace, 'any');
  if (pid === undefined) return;
  throw new EngineError(
    `Expected that no Terraform works in ${workspace}, found process ${pid}, which a start that was killed has left. ` +
      'Wait until it has ended, which takes some minutes at most, and give the command once more.',
  );
}
