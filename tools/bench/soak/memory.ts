import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Runtime } from '@provehouse/infra';

/** Memory of one component at one moment. */
interface Sample {
  readonly kind: string;
  readonly atSeconds: number;
  readonly mebibytes: number;
}

const EVERY_MS = 10_000;
/** A process that was just started is not yet what it will be. */
const SETTLED_SECONDS = 30;

/** Looks at the memory of every component every ten seconds. */
export async function watchMemory(runtime: Runtime, stop: AbortSignal): Promise<readonly Sample[]> {
  const begin = Date.now();
  const samples: Sample[] = [];
  while (!stop.aborted) {
    for (const { kind, pid, uptimeSeconds = 0 } of await runtime.status()) {
      if (pid === undefined || uptimeSeconds < SETTLED_SECONDS) continue;
      const mebibytes = await ownMemoryOf(pid);
      if (mebibytes === undefined) continue;
      samples.push({ kind, atSeconds: (Date.now() - begin) / 1000, mebibytes });
    }
    await delay(EVERY_MS, undefined, { signal: stop }).catch(() => undefined);
  }
  return samples;
}

/**
 * What a process holds for itself alone (man 5 proc, RssAnon), in MiB: unlike its share of what others
 * map too, it does not depend on who else runs. Undefined when it has ended.
 */
async function ownMemoryOf(pid: number): Promise<number | undefined> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const kibibytes = /^RssAnon:\s+(\d+) kB/m.exec(status)?.[1];
  return kibibytes === undefined ? undefined : Number(kibibytes) / 1024;
}

/** Memory of the components of one kind, in MiB: the medians of each third of the time, and the maximum. */
export interface MemoryCourse {
  readonly kind: string;
  readonly thirds: readonly [number, number, number];
  readonly maximum: number;
}

/** How memory has gone, by kind of component; only kinds that were seen in each third. */
export function courseOf(samples: readonly Sample[]): readonly MemoryCourse[] {
  const end = Math.max(0, ...samples.map(({ atSeconds }) => atSeconds));
  return [...new Set(samples.map(({ kind }) => kind))].flatMap((kind) => {
    const own = samples.filter((sample) => sample.kind === kind);
    const third = (index: number): number =>
      median(
        own
          .filter(({ atSeconds }) => Math.min(2, Math.floor((atSeconds / end) * 3)) === index)
          .map(({ mebibytes }) => mebibytes),
      );
    const thirds = [third(0), third(1), third(2)] as const;
    if (thirds.some(Number.isNaN)) return [];
    return [{ kind, thirds, maximum: Math.max(...own.map(({ mebibytes }) => mebibytes)) }];
  });
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
