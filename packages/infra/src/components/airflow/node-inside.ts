import { realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ProvehouseError } from '@provehouse/secrets';
import { $ } from 'zx';
import { cacheFolder } from '../../state/cache-folder.ts';
import { WORKSPACE } from '../../state/workspace.ts';
import { exists } from '../../system/exists.ts';
import { makeOnce } from '../../system/make-once.ts';

/** Thrown when there is no Node.js for containers. */
export class NodeInsideError extends ProvehouseError {
  override readonly name = 'NodeInsideError';
}

/** Node.js of the workspace, which runs in a container as well where this machine has Linux. */
const OWN = join(WORKSPACE, 'node_modules/.bin/node');

/** A machine, as Node.js calls it; its containers have Linux on the same processor. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly arch: string;
  readonly cache: string;
}

const thisMachine = (): Machine => ({
  ...{ platform: process.platform, arch: process.arch, cache: cacheFolder(process.env) },
});

/** The folder with a program `node` that containers of this machine run. */
export const nodeFolderInside = (machine = thisMachine()): string =>
  machine.platform === 'linux'
    ? dirname(realpathSync(OWN))
    : join(downloadFolder(machine), 'node_modules', packageOf(machine), 'bin');

/**
 * Sees to it that the folder is there; on another system than Linux, Node.js is downloaded for it, once per user.
 * @throws NodeInsideError with npm's last words
 */
export async function provideNodeInside(machine = thisMachine()): Promise<void> {
  if (machine.platform === 'linux') return;
  await makeOnce(downloadFolder(machine), async (draft) => {
    // It is for another system than the one that npm runs on.
    const words = ['install', '--prefix', draft, '--force', '--ignore-scripts'];
    const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
    const named = `${packageOf(machine)}@${process.versions.node}`;
    const options = { quiet: true, nothrow: true } as const;
    const { exitCode, stderr } = await $(options)`npm ${words} ${quiet} ${named}`;
    if (exitCode === 0) return;
    throw new NodeInsideError(
      `Expected npm to install ${named}, which Airflow's workers run the checks with, found: ` +
        `${stderr.trim().split('\n').at(-1)}. Start once where npm's registry is reached.`,
    );
  });
  const program = join(nodeFolderInside(machine), 'node');
  if (await exists(program)) return;
  throw new NodeInsideError(`Expected npm to install ${program}, found nothing there.`);
}

const downloadFolder = (machine: Machine): string =>
  join(machine.cache, `${packageOf(machine)}-${process.versions.node}`);

const packageOf = ({ arch }: Machine): string => `node-linux-${arch}`;
