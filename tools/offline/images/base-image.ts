import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { $ } from 'zx';
import { step } from '../step.ts';
import { contentHash } from './content-hash.ts';
import { DockerError, hasImage } from './docker.ts';

const SUITE = 'bookworm';
const PACKAGES = ['ca-certificates', 'iproute2', 'netbase', 'procps', 'python3', 'wget'];
/** What nobody reads inside a container. */
const SUPERFLUOUS = ['var/cache/apt', 'var/lib/apt/lists', 'usr/share/doc', 'usr/share/man'];

/**
 * A Debian base image, made from Debian's packages by debootstrap once for each list of packages.
 * Needs root and debootstrap.
 * @throws DockerError with debootstrap's last words
 */
export async function baseImage(progress: (text: string) => void): Promise<string> {
  const reference = `provehouse/standin-debian:${await contentHash([SUITE, ...PACKAGES], [])}`;
  if (await hasImage(reference)) return reference;
  await step(progress, `Building ${reference} from Debian's packages`, () =>
    importDebian(reference),
  );
  return reference;
}

/** Makes the image from a folder that debootstrap fills. */
async function importDebian(reference: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'provehouse-debian-'));
  try {
    const words = ['--variant=minbase', `--include=${PACKAGES.join(',')}`, SUITE, folder];
    await command($({ quiet: true, nothrow: true })`debootstrap ${words}`, 'debootstrap');
    for (const path of SUPERFLUOUS) {
      await rm(join(folder, path), { recursive: true, force: true });
    }
    const imported = $({
      quiet: true,
      nothrow: true,
    })`tar -C ${folder} -c . | docker import - ${reference}`;
    await command(imported, 'docker import');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function command(
  running: PromiseLike<{ exitCode: number | null; stdout: string; stderr: string }>,
  name: string,
): Promise<void> {
  const { exitCode, stdout, stderr } = await running;
  if (exitCode === 0) return;
  const said = `${stdout}\n${stderr}`.trim().split('\n').slice(-10).join('\n');
  throw new DockerError(`${name} ended with code ${exitCode}:\n${said}`);
}
