import { join } from 'node:path';
import { z } from 'zod';
import { readStateFile } from '../state/state-file.ts';
import { containersOf, remainsOf, type Container } from './containers.ts';
import { docker } from './engine.ts';

const stateSchema = z.object({
  resources: z
    .array(
      z.object({
        type: z.string(),
        instances: z.array(z.object({ attributes: z.record(z.string(), z.unknown()) })),
      }),
    )
    .default([]),
});

async function readState(terraformFolder: string): Promise<z.infer<typeof stateSchema>> {
  const state = await readStateFile({
    path: join(terraformFolder, 'terraform.tfstate'),
    schema: stateSchema,
    remedy:
      'Without it containers that run would be taken for strays and removed. Restore it: Terraform keeps the state before as terraform.tfstate.backup.',
  });
  return state ?? { resources: [] };
}

/** Whether Terraform knows of containers, running or not. @throws PlatformStateError for a state that is not whole */
export async function stateHasContainers(terraformFolder: string): Promise<boolean> {
  const { resources } = await readState(terraformFolder);
  return resources.some(
    ({ type, instances }) => type === 'docker_container' && instances.length > 0,
  );
}

/** Names of all networks and ids of all containers that Terraform's state knows. */
async function knownTo(terraformFolder: string): Promise<ReadonlySet<unknown>> {
  const { resources } = await readState(terraformFolder);
  return new Set(
    resources.flatMap(({ type, instances }) =>
      instances.map(({ attributes }) => attributes[type === 'docker_network' ? 'name' : 'id']),
    ),
  );
}

/** A job that failed is not run again, and a container that crashes does not get up, by waiting. */
const isBeyondWaiting = ({ job, state, exitCode }: Container): boolean =>
  state === 'restarting' || (job && state === 'exited' && exitCode !== 0);

/**
 * Removes containers and networks that a killed apply has made without noting them, which would be
 * in the way of the next one, and containers that waiting does not repair, so that they are made again. Volumes stay: Terraform takes them over as they are.
 */
export async function removeStrays(platform: string, terraformFolder: string): Promise<number> {
  const known = await knownTo(terraformFolder);
  const strays = (await containersOf(platform)).filter(
    (container) => !known.has(container.id) || isBeyondWaiting(container),
  );
  if (strays.length > 0)
    await docker(['rm', '--force', '--volumes', ...strays.map(({ id }) => id)]);
  const { networks } = await remainsOf(platform);
  const strayNetworks = networks.filter((network) => !known.has(network));
  if (strayNetworks.length > 0) await docker(['network', 'rm', ...strayNetworks]);
  return strays.length + strayNetworks.length;
}
