import { setTimeout as delay } from 'node:timers/promises';
import type { Runtime } from '@provehouse/infra';

/** Memory of one component at one moment. */
interface Sample {
  readonly name: string;
  readonly kind: string;
  readonly atSeconds: number;
  readonly uptimeSeconds: number;
  readonly bytes: number;
}

const EVERY_MS = 10_000;
/** A process that was just started is not yet what it will be. */
const SETTLED_SECONDS = 30;

/** Looks at the memory of every component every ten seconds. */
export async function watchMemory(runtime: Runtime, stop: AbortSignal): Promise<readonly Sample[]> {
  const begin = Date.now();
  const samples: Sample[] = [];
  while (!stop.aborted) {
    for (const { name, kind, uptimeSeconds = 0, memoryBytes } of await runtime.status()) {
      if (memoryBytes === undefined || uptimeSeconds < SETTLED_SECONDS) continue;
      const atSeconds = (Date.now() - begin) / 1000;
      samples.push({ name, kind, atSeconds, uptimeSeconds, bytes: memoryBytes });
    }
    await delay(EVERY_MS, undefined, { signal: stop }).catch(() => undefined);
  }
  return samples;
}

/** Memory of the components of one kind: medians in the first and last third of the time, and the maximum. */
export interface MemoryCourse {
  readonly kind: string;
  readonly firstMiB: number;
  readonly lastMiB: number;
  readonly maximumMiB: number;
}

/** How memory has gone, by kind of component; only kinds that were seen in both thirds. */
export function courseOf(samples: readonly Sample[]): readonly MemoryCourse[] {
  const end = Math.max(0, ...samples.map(({ atSeconds }) => atSeconds));
  return [...new Set(samples.map(({ kind }) => kind))].flatMap((kind) => {
    const own = samples.filter((sample) => sample.kind === kind);
    const first = own.filter(({ atSeconds }) => atSeconds <= end / 3);
    const last = own.filter(({ atSeconds }) => atSeconds >= (end * 2) / 3);
    if (first.length === 0 || last.length === 0) return [];
    return [
      {
        kind,
        firstMiB: median(first.map(mebibytes)),
        lastMiB: median(last.map(mebibytes)),
        maximumMiB: Math.max(...own.map(mebibytes)),
      },
    ];
  });
}

const mebibytes = ({ bytes }: Sample): number => bytes / 1024 ** 2;

function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
