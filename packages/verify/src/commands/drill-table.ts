import type { DrillResult } from '../drills/drill-result.ts';
import type { Paint } from './verdict-table.ts';
import { renderVerdicts } from './verdict-table.ts';

/** Drills for people: one line each, with everything about those that did not pass, and the account. */
export const renderDrills = (results: readonly DrillResult[], paint?: Paint): string =>
  renderVerdicts(
    results.map(
      ({ drill, title, status, findings, durationSeconds, account, recoverySeconds }) => ({
        ...{ check: drill, status, durationMs: durationSeconds * 1000 },
        title: `${drill}: ${title}`,
        findings:
          status === 'passed' && account !== undefined
            ? [
                {
                  status,
                  expected: '',
                  observed:
                    `${account.recovered} of ${account.attempted} rows, ${account.lost} lost, ${account.unexpected} unexpected` +
                    (recoverySeconds === undefined ? '' : `, ${recoverySeconds.toFixed(1)} s`),
                },
              ]
            : findings,
      }),
    ),
    paint,
  );

/** 0 when something was proved, and nothing failed or was inconclusive. */
export function exitCodeOfDrills(results: readonly DrillResult[]): 0 | 1 {
  const proved = results.some(({ status }) => status === 'passed' || status === 'warned');
  const bad = results.some(({ status }) => status === 'failed' || status === 'inconclusive');
  return proved && !bad ? 0 : 1;
}
