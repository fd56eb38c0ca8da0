import { cp, mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { contentHash, step } from '@provehouse/infra';
import { $ } from 'zx';
import { docker, hasImage } from './docker.ts';

/** How an image is built. */
export interface ImageRecipe {
  /** Name without the tag. */
  readonly name: string;
  /** Folder with the Dockerfile and what belongs to it. */
  readonly folder: string;
  readonly base: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Files and folders from elsewhere by their name in the Dockerfile's folder. */
  readonly added?: Readonly<Record<string, string>>;
  /** What the added files come from, such as versions: the image is rebuilt when it changes. */
  readonly inputs: readonly string[];
  /** Added folders that are small enough to be read for the hash. */
  readonly sources?: readonly string[];
}

/** The reference of the image, whose tag is a hash of all that it is built from. */
export async function referenceOf(recipe: ImageRecipe): Promise<string> {
  const { name, folder, base, labels, inputs, sources = [] } = recipe;
  const words = [base, JSON.stringify(labels), ...inputs];
  return `${name}:${await contentHash(words, [folder, ...sources])}`;
}

/** Builds the image unless the engine has it; gives its reference. @throws DockerError */
export async function buildImage(
  recipe: ImageRecipe,
  progress: (text: string) => void,
): Promise<string> {
  const reference = await referenceOf(recipe);
  if (await hasImage(reference)) return reference;
  const context = await mkdtemp(join(tmpdir(), 'provehouse-image-'));
  try {
    await cp(recipe.folder, context, { recursive: true });
    for (const [name, source] of Object.entries(recipe.added ?? {})) {
      await addTo(join(context, name), source);
    }
    const labels = Object.entries(recipe.labels).flatMap(([label, value]) => [
      '--label',
      `${label}=${value}`,
    ]);
    const words = [
      ...['build', '--quiet', '--force-rm', '--build-arg', `BASE=${recipe.base}`],
      ...labels,
      ...['--tag', reference, context],
    ];
    await step(progress, `Building ${reference}`, () => docker(words));
  } finally {
    await rm(context, { recursive: true, force: true });
  }
  return reference;
}

/**
 * Copies a file, or what is in a folder, to where the folder may be there already. Links are followed, and
 * times are kept: bytecode is of a source of a certain time.
 */
export async function addTo(target: string, source: string): Promise<void> {
  const isFolder = (await stat(source)).isDirectory();
  if (isFolder) await mkdir(target, { recursive: true });
  // Node's own copy takes five times the CPU time for the thousands of files of Python packages.
  await $({ quiet: true })`cp -RLp ${isFolder ? `${source}/.` : source} ${target}`;
}
