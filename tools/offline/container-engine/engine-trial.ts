import { execFile } from 'node:child_process';
import { access, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** Why engines cannot be started here to be tested, in words; undefined where they can. */
export async function whyNoTrial(): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return 'only root can start a container engine';
  for (const program of ['dockerd', 'docker', 'iptables-save', 'ip', 'unshare']) {
    if (!(await isOnPath(program))) return `${program} is not installed`;
  }
  return undefined;
}

/** Imports an image without any file into the engine at `host`, and gives the image's id. */
export async function importEmptyImage(host: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'provehouse-test-'));
  try {
    const archive = join(folder, 'image.tar');
    await execute('tar', ['cf', archive, '-T', '/dev/null']);
    return await docker(host, 'import', archive);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Words for `docker run` that give the container the programs of this machine to read. */
export const MACHINES_PROGRAMS = ['/usr', '/lib', '/lib64'].flatMap((path) => [
  '--volume',
  `${path}:${path}:ro`,
]);

/** Runs the client against the engine at `host`. */
export async function docker(host: string, ...words: string[]): Promise<string> {
  return (await execute('docker', ['--host', host, ...words])).stdout.trim();
}

async function isOnPath(program: string): Promise<boolean> {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const found = await access(join(folder, program)).then(
      () => true,
      () => false,
    );
    if (found) return true;
  }
  return false;
}
