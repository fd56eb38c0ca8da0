import { z } from 'zod';
import type { EndToEndOptions } from '../src/e2e-run.ts';

/** The variable by which the command tells the suite what to do. */
export const OPTIONS_VARIABLE = 'PROVEHOUSE_E2E_OPTIONS';

const optionsSchema = z.object({
  home: z.string(),
  name: z.string(),
  deployment: z.string().exactOptional(),
  contract: z.string(),
  rows: z.number().exactOptional(),
  only: z.array(z.string()).exactOptional(),
  timeoutSeconds: z.number().exactOptional(),
  run: z.object({ dagId: z.string(), runId: z.string() }).exactOptional(),
});

/** The options that the command gave. @throws ZodError when the suite was started in another way */
export const readOptions = (): EndToEndOptions =>
  optionsSchema.parse(JSON.parse(process.env[OPTIONS_VARIABLE] ?? '{}'));
