import { z } from 'zod';

const runSchema = z.object({
  deployment: z.string(),
  verdicts: z.array(
    z.object({
      check: z.string(),
      status: z.string(),
      findings: z.array(
        z.looseObject({
          status: z.string(),
          subject: z.string().optional(),
          reason: z.string().optional(),
        }),
      ),
    }),
  ),
});

/** The verdicts that a run printed with `--json`. */
export const printedVerdicts = (stdout: string): z.infer<typeof runSchema>['verdicts'] =>
  runSchema.parse(JSON.parse(stdout)).verdicts;

/** Checks with one of some statuses, by what a run printed with `--json`. */
export const checksOf = (stdout: string, ...statuses: string[]): string[] =>
  printedVerdicts(stdout)
    .filter(({ status }) => statuses.includes(status))
    .map((one) => one.check);
