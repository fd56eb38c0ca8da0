import { getContainerRuntimeClient, ImageName } from 'testcontainers';
import type { TestProject } from 'vitest/node';
import { DEFAULT_IMAGES } from '../src/image.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Image of the nodes that the tests start. */
    image: string;
    /** Why no test can run; empty when they can. */
    unavailable: string;
  }
}

/** Finds the engine and the image for the tests with real containers, or says loudly why none run. */
export default async function setup(project: TestProject): Promise<void> {
  const found = await findImage();
  project.provide('image', found.image ?? '');
  project.provide('unavailable', found.unavailable ?? '');
  if (found.unavailable !== undefined) {
    const line = '!'.repeat(100);
    process.stderr.write(`\n${line}\nNO CLUSTER IS STARTED BY THESE TESTS: ${found.unavailable}\n`);
    process.stderr.write(`${line}\n\n`);
  }
}

/** The image that is asked for, else the official one, else a stand-in that was built here. */
async function findImage(): Promise<{ image?: string; unavailable?: string }> {
  let client;
  try {
    client = await getContainerRuntimeClient();
  } catch (error) {
    return { unavailable: `no container engine can be reached (${String(error)})` };
  }
  const asked = process.env['PROVEHOUSE_CLICKHOUSE_IMAGE'];
  if (asked) return { image: asked };
  const official = ImageName.fromString(DEFAULT_IMAGES.clickhouse);
  if (await client.image.exists(official)) return { image: official.string };
  const images = await client.container.dockerode.listImages({
    filters: { reference: ['provehouse/standin-clickhouse'] },
  });
  const [newest] = images.sort((left, right) => right.Created - left.Created);
  const standIn = newest?.RepoTags?.[0];
  if (standIn !== undefined) return { image: standIn };
  try {
    await client.image.pull(official);
    if (await client.image.exists(official)) return { image: official.string };
    return { unavailable: `${official.string} could not be pulled` };
  } catch (error) {
    return { unavailable: `${official.string} could not be pulled (${String(error)})` };
  }
}
