import { getContainerRuntimeClient, ImageName, type ContainerRuntimeClient } from 'testcontainers';
import type { TestProject } from 'vitest/node';
import { DEFAULT_IMAGES, imageTraits } from '../src/image.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Images that the tests start. */
    image: string;
    keeperImage: string;
    /** Why there are no clusters to test with; empty when there are. */
    unavailable: string;
    /** Why there are no Keepers. */
    noKeepers: string;
    /** Why there are no clusters that use Keepers. */
    noReplication: string;
  }
}

/** Finds the engine and the images for the tests with real containers, and says loudly what is left out. */
export default async function setup({ provide }: TestProject): Promise<void> {
  const image = await findImage('PROVEHOUSE_CLICKHOUSE_IMAGE', DEFAULT_IMAGES.clickhouse);
  const keeper = await findImage('PROVEHOUSE_KEEPER_IMAGE', DEFAULT_IMAGES.keeper);
  const unavailable = leaveOut('clusters', image.missing);
  provide('image', image.name);
  provide('keeperImage', keeper.name);
  provide('unavailable', unavailable);
  const noKeepers = leaveOut('Keepers', keeper.missing);
  provide('noKeepers', noKeepers);
  provide(
    'noReplication',
    unavailable || noKeepers || leaveOut('replication', image.withoutReplication),
  );
}

/** What a test's title says of why it is skipped. */
function leaveOut(what: string, reason: string | undefined): string {
  if (reason === undefined) return '';
  const line = '!'.repeat(100);
  process.stderr.write(`\n${line}\nNOT TESTED: ${what}: ${reason}\n${line}\n`);
  return `(not tested: ${reason})`;
}

interface FoundImage {
  readonly name: string;
  /** Why it cannot be used. */
  readonly missing?: string;
  /** Why nodes of it cannot use Keepers. */
  readonly withoutReplication?: string;
}

/** The image that a variable asks for, else the official one, else a stand-in that was built here. */
async function findImage(variable: string, official: string): Promise<FoundImage> {
  let client;
  try {
    client = await getContainerRuntimeClient();
  } catch (error) {
    return { name: '', missing: `no container engine can be reached (${String(error)})` };
  }
  const name = process.env[variable] || (await localImage(client, official)) || official;
  try {
    await client.image.pull(ImageName.fromString(name));
    const { Config } = await client.image.inspect(ImageName.fromString(name));
    const { coordination } = imageTraits(Config.Labels ?? {});
    return coordination ? { name } : { name, withoutReplication: `${name} cannot use Keepers` };
  } catch (error) {
    return { name, missing: `${name} is not here and cannot be pulled (${String(error)})` };
  }
}

async function localImage(
  client: ContainerRuntimeClient,
  official: string,
): Promise<string | undefined> {
  if (await client.image.exists(ImageName.fromString(official))) return official;
  const standIn = official.replace(/^clickhouse\/clickhouse-(server|keeper):.*/, (_, part) =>
    part === 'server' ? 'provehouse/standin-clickhouse' : 'provehouse/standin-keeper',
  );
  const images = await client.container.dockerode.listImages({ filters: { reference: [standIn] } });
  const [newest] = images.sort((left, right) => right.Created - left.Created);
  return newest?.RepoTags?.[0];
}
