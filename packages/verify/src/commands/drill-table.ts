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
