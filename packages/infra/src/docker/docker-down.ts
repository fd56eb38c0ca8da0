import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { generateSecrets, readSecrets, rotateSecrets } from '@provehouse/secrets';
import { cacheFolder } from '../state/cache-folder.ts';
import { CONSUMERS, type Progress } from '../runtime.ts';
import { lockPlatform } from '../state/lock.ts';
import type { StateFolder } from '../state/state-folder.ts';
import { containerFiles } from './container-files.ts';
import { readContainerPlan, terraformFolder, terraformVariables } from './container-plan.ts';
import { remainsOf } from './containers.ts';
import { removeStrays } from './container-state.ts';
import { docker } from './engine.ts';
import { writeFiles } from './docker-up.ts';
import { findTerraform } from './terraform-program.ts';
import { TerraformWorkspace } from './terraform.ts';

/** Removes containers and networks; the volumes and their data stay unless `purge` says otherwise. */
export async function dockerDown(
  folder: StateFolder,
  name: string,
  { purge, progress }: { readonly purge: boolean; readonly progress: Progress },
): Promise<void> {
  await using _lock = await lockPlatform(folder);
  const plan = await readContainerPlan(folder);
  if (plan !== undefined) {
    const program = await findTerraform(process.env, cacheFolder(process.env));
    const workspace = new TerraformWorkspace(program, terraformFolder(folder));
    // Terraform looks at the files' hashes even where nothing uses them any more.
    const secrets = await readSecrets(folder.secretsFile).catch(() => generateSecrets());
    const whole = rotateSecrets(
      generateSecrets(),
      CONSUMERS.map((consumer) => `${consumer}_database_password`),
    );
    await writeFiles(folder, await containerFiles(plan, { ...whole, ...secrets }));
    await removeStrays(name, terraformFolder(folder));
    await workspace.prepare(terraformVariables({ folder, name, plan }, false));
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
