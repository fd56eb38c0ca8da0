import { drills } from '@provehouse/verify';
import { z } from 'zod';

/** The drills that are soaked: all that there are. */
export const DRILL_NAMES: readonly string[] = drills.map(({ name }) => name);

/** What a drill came to. */
export interface DrillOutcome {
  readonly drill: string;
  readonly seed: number;
  readonly status: string;
  readonly isBad: boolean;
  /** What it said, when it is bad. */
  readonly said: string;
}

/** What a run of the drill command gave. */
export interface DrillRun {
  readonly drill: string;
  readonly seed: number;
  readonly json: string;
  readonly said: string;
  readonly code: number;
}

const resultsSchema = z.object({ results: z.array(z.looseObject({ status: z.string() })) });

/**
 * What a run of one drill means: it is bad when the command says so by its exit code, or gives no result.
 */
export function drillResultsOf({ drill, seed, json, said, code }: DrillRun): DrillOutcome {
  const parsed = resultsSchema.safeParse(parseJson(json));
  const [result] = parsed.success ? parsed.data.results : [];
  const status = result?.status ?? `no result, exit code ${code}`;
  const skipped = result?.status === 'skipped';
  return { drill, seed, status, isBad: code !== 0 && !skipped, said: `${said}\n${json}`.trim() };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
