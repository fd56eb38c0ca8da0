import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { contentHash, makeOnce, step } from '@provehouse/infra';
import { $ } from 'zx';
import { installDebianPackages } from '../container-engine/debian-packages.ts';
import { DockerError, hasImage } from './docker.ts';

const SUITE = 'bookworm';
const PACKAGES = ['ca-certificates', 'iproute2', 'netbase', 'procps', 'python3', 'wget'];
/** What nobody reads inside a container. */
const SUPERFLUOUS = ['var/cache/apt', 'var/lib/apt/lists', 'usr/share/doc', 'usr/share/man'];

/**
 * A Debian base image, made from Debian's packages by debootstrap once for each list of packages; its files
 * are kept in the cache, because an engine that is made for a run of tests has no images. Needs root and
 * debootstrap.
 * @throws DockerError with debootstrap's last words
 */
export async function baseImage(cache: string, progress: (text: string) => void): Promise<string> {
  const hash = await contentHash([SUITE, ...PACKAGES], []);
  const reference = `provehouse/standin-debian:${hash}`;
  if (await hasImage(reference)) return reference;
  const archive = join(cache, `debian-${hash}.tar`);
  await makeOnce(archive, (draft) =>
    step(progress, `Building ${reference} from Debian's packages`, () => archiveDebian(draft)),
  );
  await command(
    $({ quiet: true, nothrow: true })`docker import ${archive} ${reference}`,
    'docker import',
  );
  return reference;
}

/** Writes the files of a folder that debootstrap fills into an archive. */
async function archiveDebian(archive: string): Promise<void> {
  await installDebianPackages(['debootstrap']);
  const folder = await mkdtemp(join(tmpdir(), 'provehouse-debian-'));
  try {
    const words = ['--variant=minbase', `--include=${PACKAGES.join(',')}`, SUITE, folder];
    await command($({ quiet: true, nothrow: true })`debootstrap ${words}`, 'debootstrap');
    for (const path of SUPERFLUOUS) {
      await rm(join(folder, path), { recursive: true, force: true });
    }
    await command($({ quiet: true, nothrow: true })`tar -C ${folder} -cf ${archive} .`, 'tar');
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
