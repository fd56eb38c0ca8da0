import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { containersOf, remainsOf } from './containers.ts';
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

/** Names of all networks and ids of all containers that Terraform's state knows. */
async function knownTo(terraformFolder: string): Promise<ReadonlySet<unknown>> {
  const file = join(terraformFolder, 'terraform.tfstate');
  const text = await readFile(file, 'utf8').catch(() => '{}');
  const { resources } = stateSchema.parse(JSON.parse(text));
  return new Set(
    resources.flatMap(({ type, instances }) =>
      instances.map(({ attributes }) => attributes[type === 'docker_network' ? 'name' : 'id']),
    ),
  );
}

/**
 * Removes containers and networks that a killed apply has made without noting them, which would be
 * in the way of the next one. Volumes stay: Terraform takes them over as they are.
 */
export async function removeStrays(platform: string, terraformFolder: string): Promise<number> {
  const known = await knownTo(terraformFolder);
  const strays = (await containersOf(platform)).filter(({ id }) => !known.has(id));
  if (strays.length > 0) await docker(['rm', '--force', ...strays.map(({ id }) => id)]);
  const { networks } = await remainsOf(platform);
  const strayNetworks = networks.filter((network) => !known.has(network));
  if (strayNetworks.length > 0) await docker(['network', 'rm', ...strayNetworks]);
  return strays.length + strayNetworks.length;
}
