import { copyFile, link, mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { goTarget, makeOnce } from '@provehouse/infra';

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
  await makeOnce(mirror, async (draft) => {
    const { os, arch } = goTarget();
    for (const host of HOSTS) {
      const place = join(draft, host, provider, version, `${os}_${arch}`);
      await mkdir(place, { recursive: true });
      const file = join(place, `terraform-provider-${basename(provider)}_v${version}`);
      // A second name costs nothing; not every file system has them.
      await link(program, file).catch(() => copyFile(program, file));
    }
  });
}
