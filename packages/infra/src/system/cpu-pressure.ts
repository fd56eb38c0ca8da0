import { readFileSync } from 'node:fs';

/** A kernel without pressure stall information has no such file. */
const FILE = '/proc/pressure/cpu';

/**
 * Begins to measure how busy the machine is, whoever makes it so: the returned function gives the share
 * of the time since then, from 0 to 1, in which some process waited for a processor. It is undefined where
 * the kernel does not say (https://docs.kernel.org/accounting/psi.html).
 */
export function measureCpuPressure(file = FILE): () => number | undefined {
  const begin = performance.now();
  const before = waitedMs(file);
  return () => {
    const after = waitedMs(file);
    if (before === undefined || after === undefined) return undefined;
    return Math.min(1, (after - before) / (performance.now() - begin));
  };
}

/** Milliseconds since the start of the machine in which some process waited for a processor. */
function waitedMs(file: string): number | undefined {
  try {
    const total = /^some .*\btotal=(\d+)/m.exec(readFileSync(file, 'utf8'))?.[1];
    return total === undefined ? undefined : Number(total) / 1000;
  } catch {
    return undefined;
  }
}
