import type { z } from 'zod';
import type { logSchema } from './airflow-answers.ts';

type LogEvent = z.infer<typeof logSchema>['content'][number];

/** A task's log as people read it: time, level and text of each event, with the error's type. */
export function logText(events: readonly LogEvent[]): string {
  return events
    .map(({ timestamp, level, event, error_detail }) => {
      const line = [timestamp, level?.toUpperCase(), event].filter((part) => part != null);
      const errors = (error_detail ?? []).map(
        ({ exc_type, exc_value }) => `  ${exc_type}: ${exc_value}`,
      );
      return [line.join(' '), ...errors].join('\n');
    })
    .join('\n');
}

/** The end of a text, in whole lines of at most this many characters; says what is left out. */
export function tail(text: string, characters: number): string {
  if (text.length <= characters) return text;
  const cut = text.slice(-characters);
  const line = cut.indexOf('\n') + 1;
  const kept = line > 0 ? cut.slice(line) : cut;
  return `… ${text.length - kept.length} characters before this\n${kept}`;
}
