import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isLinuxRoot } from '@provehouse/infra';
import { $ } from 'zx';
import { ProvehouseError } from '@provehouse/secrets';

/** Thrown when a small file system cannot be put in a folder's place, or be taken away. */
export class SmallDiskError extends ProvehouseError {
  override readonly name = 'SmallDiskError';
}

/**
 * Puts a file system of `bytes` in a folder's place, with what the folder holds.
 * @throws SmallDiskError
 */
export async function mountSmallDisk(folder: string, bytes: number): Promise<void> {
  const kept = await mkdtemp(join(tmpdir(), 'provehouse-disk-'));
  try {
    await cp(folder, kept, { recursive: true });
    await command(['mount', '-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', folder]);
    await cp(kept, folder, { recursive: true });
  } finally {
    await rm(kept, { recursive: true });
  }
}

/** Gives the small file system more room; what it holds stays. @throws SmallDiskError */
export const enlargeSmallDisk = (folder: string, bytes: number): Promise<void> =>
  command(['mount', '-o', `remount,size=${bytes}`, folder]);

/** Takes the small file system away with what it holds; none is no error. @throws SmallDiskError */
export async function unmountSmallDisk(folder: string): Promise<void> {
  // Whoever has a file of it open keeps that until it is closed.
  if (await isMounted(folder)) await command(['umount', '--lazy', folder]);
}

/** Bytes that are free in the folder's file system. @throws SmallDiskError */
export async function freeBytes(folder: string): Promise<number> {
  const { stdout } = await $({ quiet: true })`df --block-size=1 --output=avail ${folder}`;
  return Number(stdout.trim().split('\n').at(-1));
}

/** Why no file system can be mounted on this machine, if so. */
export async function whyNotMounted(): Promise<string | undefined> {
  if (!isLinuxRoot()) return 'only root on Linux may mount a small file system';
  const folder = await mkdtemp(join(tmpdir(), 'provehouse-disk-'));
  try {
    await mountSmallDisk(folder, 65_536);
    await unmountSmallDisk(folder);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Whether the folder is a mount point (man 5 proc, /proc/self/mounts). */
async function isMounted(folder: string): Promise<boolean> {
  const mounts = await readFile('/proc/self/mounts', 'utf8');
  // Blanks in paths are written as octal numbers.
  const path = folder.replaceAll(' ', '\\040');
  return mounts.split('\n').some((line) => line.split(' ')[1] === path);
}

async function command(words: readonly string[]): Promise<void> {
  const { exitCode, stderr } = await $({ quiet: true, nothrow: true })`${words}`;
  if (exitCode !== 0) {
    throw new SmallDiskError(`${words.join(' ')} failed: ${stderr.trim()}`);
  }
}
