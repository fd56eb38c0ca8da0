import { copyFile, link, mkdir, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { goTarget } from '../go-program/go-target.ts';

/** Terraform's registry and OpenTofu's: a mirror has a folder for each. */
const HOSTS = ['registry.terraform.io', 'registry.opentofu.org'];

export interface PlacedProvider {
  /** The mirror's folder; nothing is done when it is there. */
  readonly mirror: string;
  /** Path of the provider's program for this machine. */
  readonly program: string;
  /** For instance `kreuzwerker/docker`. */
  readonly provider: string;
  readonly version: string;
}

/** Makes a filesystem mirror, as Terraform and OpenTofu read it, whole or not at all. */
export async function placeProvider(options: PlacedProvider): Promise<void> {
  const { mirror, program, provider, version } = options;
  if (await isFolder(mirror)) return;
  await mkdir(dirname(mirror), { recursive: true });
  const draft = await mkdtemp(join(dirname(mirror), 'draft-'));
  try {
    const { os, arch } = goTarget();
    for (const host of HOSTS) {
      const place = join(draft, host, provider, version, `${os}_${arch}`);
      await mkdir(place, { recursive: true });
      const file = join(place, `terraform-provider-${basename(provider)}_v${version}`);
      // A second name costs nothing; not every file system has them.
      await link(program, file).catch(() => copyFile(program, file));
    }
    await rename(draft, mirror).catch(async (error: unknown) => {
      // Somebody else made the same mirror meanwhile.
      if (!(await isFolder(mirror))) throw error;
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** Writes a file that others may read at the same time: they find the former text or the new one. */
export async function writeWhole(file: string, text: string): Promise<void> {
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, text);
  await rename(draft, file);
}

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
