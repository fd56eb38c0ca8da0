import { z } from 'zod';
import type { Finding } from '../verdict.ts';

const day = z.iso.date('expected a day such as 2026-12-31, until which the waiver holds');

/** A finding that is known and accepted until a day. */
export const waiverSchema = z
  .strictObject({
    check: z.string().min(1).optional(),
    rule: z
      .string()
      .min(1)
      .optional()
      .describe("The rule's subject, such as `orders.price, range`."),
    node: z.string().min(1).optional(),
    reason: z.string().min(1),
    until: day.describe('The last day on which it holds, in UTC.'),
  })
  .refine(({ check, rule }) => check !== undefined || rule !== undefined, {
    message: 'expected check, rule, or both',
  });

export type Waiver = z.infer<typeof waiverSchema>;

/**
 * A check's findings, of which those that a waiver accepts warn instead of failing. After its day a
 * waiver does no more than to say that it has ended.
 */
export function applyWaivers(
  waivers: readonly Waiver[],
  check: string,
  findings: readonly Finding[],
  now: Date,
): readonly Finding[] {
  if (waivers.length === 0) return findings;
  return findings.map((finding) => {
    if (finding.status !== 'failed' && finding.status !== 'inconclusive') return finding;
    const meant = waivers.filter((waiver) => isAbout(waiver, check, finding));
    const valid = meant.find((waiver) => !hasEnded(waiver, now));
    if (valid !== undefined) return waived(finding, valid);
    const [ended] = meant;
    if (ended === undefined) return finding;
    const said = `A waiver ended on ${ended.until} (${ended.reason}).`;
    return { ...finding, reason: [finding.reason, said].filter(Boolean).join(' ') };
  });
}

const isAbout = (
  { check, rule, node }: Waiver,
  ofCheck: string,
  { subject, node: ofNode }: Finding,
): boolean =>
  (check === undefined || check === ofCheck) &&
  (rule === undefined || (ofCheck === 'value-rules' && rule === subject)) &&
  (node === undefined || node === ofNode);

const hasEnded = ({ until }: Waiver, now: Date): boolean => now.toISOString().slice(0, 10) > until;

const waived = (finding: Finding, { reason, until }: Waiver): Finding => ({
  ...finding,
  status: 'warned',
  observed: `${finding.observed} (waived until ${until})`,
  reason: `Waived until ${until}: ${reason}${finding.reason === undefined ? '' : ` Without the waiver it is ${finding.status}: ${finding.reason}`}`,
});
