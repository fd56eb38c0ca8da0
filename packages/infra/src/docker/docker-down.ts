import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { generateSecrets, readSecrets, rotateSecrets } from '@provehouse/secrets';
import { cacheFolder } from '../state/cache-folder.ts';
import type { Progress } from '../runtime.ts';
import { lockPlatform } from '../state/lock.ts';
import { containerFiles, secretsNeeded } from './components.ts';
import { readContainerPlan, terraformFolder } from './container-plan.ts';
import { remainsOf } from './containers.ts';
import { removeStrays } from './container-state.ts';
import { docker } from './engine.ts';
import { writeFiles, type PlatformPlace } from './docker-up.ts';
import { findTerraform } from './terraform-program.ts';
import { TerraformWorkspace } from './terraform.ts';
import { calledModules, terraformVariables } from './terraform-variables.ts';

/** Removes containers and networks; the volumes and their data stay unless `purge` says otherwise. */
export async function dockerDown(
  { folder, name, descriptors }: PlatformPlace,
  { purge, progress }: { readonly purge: boolean; readonly progress: Progress },
): Promise<void> {
  await using _lock = await lockPlatform(folder, 'stopping');
  const plan = await readContainerPlan(folder);
  if (plan !== undefined) {
    const program = await findTerraform(process.env, cacheFolder(process.env));
    const workspace = new TerraformWorkspace(program, terraformFolder(folder));
    // Terraform looks at the files' hashes even where nothing uses them any more.
    const secrets = await readSecrets(folder.secretsFile).catch(() => generateSecrets());
    const whole = rotateSecrets(generateSecrets(), secretsNeeded(descriptors, plan));
    await writeFiles(folder, await containerFiles(descriptors, plan, { ...whole, ...secrets }));
    await removeStrays(name, terraformFolder(folder));
    const request = { folder, name, plan, descriptors };
    await workspace.prepare(terraformVariables(request, false), calledModules(request));
    if (purge) await workspace.destroy(progress);
    else await workspace.apply(progress, new AbortController().signal);
  }
  await removeRemains(name, purge);
  const gone = [folder.config, folder.deploymentFile];
  const purged = [terraformFolder(folder), folder.logs, join(folder.root, 'verify')];
  for (const path of purge ? [...gone, ...purged] : gone) {
    await rm(path, { recursive: true, force: true });
  }
}

/** What Terraform does not know of, because its state was lost. */
async function removeRemains(name: string, purge: boolean): Promise<void> {
  const { containers, networks, volumes } = await remainsOf(name);
  if (containers.length > 0) await docker(['rm', '--force', '--volumes', ...containers]);
  if (networks.length > 0) await docker(['network', 'rm', ...networks]);
  if (purge && volumes.length > 0) await docker(['volume', 'rm', ...volumes]);
}
