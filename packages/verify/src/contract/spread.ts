import { z } from 'zod';

const probability = z.number().min(0).max(1);
const percent = z.number().min(0);

/** How unevenly the rows of a Distributed table may lie on its shards. */
export const spreadSchema = z
  .strictObject({
    warnBelow: probability
      .default(0.01)
      .describe(
        'p-values of the chi-square test of the distinct keys below which the spread warns or fails.',
      ),
    failBelow: probability.default(0.0001),
    fromRows: z
      .int()
      .min(1)
      .default(50)
      .describe('With fewer rows nothing is judged, with fewer distinct keys they are not tested.'),
    /**
     * How far, in percent, a shard's rows may be from its share by weight before that warns or fails.
     * Without `fail` it only warns: each row is where the key sends it, on a shard that has more to do.
     */
    rowDeviationPercent: z
      .strictObject({ warn: percent.default(10), fail: percent.optional() })
      .refine(({ warn, fail }) => fail === undefined || warn <= fail, {
        message: 'warn must not be above fail',
      })
      .default({ warn: 10 }),
  })
  .refine(({ warnBelow, failBelow }) => failBelow <= warnBelow, {
    message: 'failBelow must not be above warnBelow',
  });

export type Spread = z.infer<typeof spreadSchema>;
