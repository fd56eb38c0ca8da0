import { evidence, EVIDENCE_ROWS } from '../../clickhouse/evidence.ts';
import type { Finding } from '../../verdict.ts';
import type { TimelineRecord } from '../timeline.ts';

const EXPECTED = {
  accepted: 'some node accepts them all the time',
  refused: 'every node refuses them, and says why',
  either: 'they are accepted, or refused with a reason',
} as const;

/** What became of the writes that began and ended while the fault lasted. */
export function writesFinding(
  { attempts, moments }: TimelineRecord,
  expectation: keyof typeof EXPECTED,
): Finding {
  const { proved = Infinity, lifted = Infinity } = moments;
  const meanwhile = attempts.filter(({ start, end }) => start >= proved && end <= lifted);
  const accepted = meanwhile.filter((attempt) => attempt.accepted).length;
  const refused = meanwhile.filter((attempt) => !attempt.accepted);
  const silent = refused.filter(({ reason = '' }) => reason === '');
  const about = {
    subject: 'writes while it lasted',
    expected: EXPECTED[expectation],
    observed: `${accepted} inserts accepted, ${refused.length} refused`,
    ...(refused.length > 0 && {
      evidence: [
        evidence(
          'What was refused',
          refused
            .slice(0, EVIDENCE_ROWS)
            .map(({ node, batch, reason = '' }) => ({ node, batch, reason })),
        ),
      ],
    }),
  };
  if (meanwhile.length === 0) {
    return { ...about, status: 'inconclusive', reason: 'Nothing was written while it lasted.' };
  }
  const right =
    silent.length === 0 &&
    (expectation === 'either' || (expectation === 'accepted' ? accepted > 0 : accepted === 0));
  return right
    ? { ...about, status: 'passed' }
    : { ...about, status: 'failed', reason: 'The platform behaves otherwise under this fault.' };
}
