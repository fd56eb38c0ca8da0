import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { writeWhole } from '@provehouse/infra';
import { givenPath } from '@provehouse/secrets';
import { jsonOf, type VerifiedRun } from '../verified-run.ts';
import { htmlOf } from './html.ts';
import { junitOf } from './junit.ts';
import { markdownOf } from './markdown.ts';
import { prometheusOf } from './prometheus.ts';

/** Formats of verdicts: a page for people, the others for other programs. */
export const OUTPUTS = ['html', 'json', 'junit', 'markdown', 'prometheus'] as const;

/** A file that gets the verdicts. */
export interface Output {
  readonly format: (typeof OUTPUTS)[number];
  readonly file: string;
}

const RENDER: Record<Output['format'], (run: VerifiedRun) => string> = {
  html: htmlOf,
  json: jsonOf,
  junit: junitOf,
  markdown: markdownOf,
  prometheus: prometheusOf,
};

/**
 * Writes the verdicts to a file, whose folders are made; a reader sees all of it or what was there
 * before.
 * @param render what is written otherwise than usual
 */
export async function writeOutput(
  { format, file }: Output,
  run: VerifiedRun,
  render: Partial<typeof RENDER> = {},
): Promise<void> {
  const path = givenPath(file);
  await mkdir(dirname(path), { recursive: true });
  await writeWhole(path, (render[format] ?? RENDER[format])(run));
}
