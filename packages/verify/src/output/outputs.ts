import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { writeWhole } from '@provehouse/infra';
import { givenPath } from '@provehouse/secrets';
import type { Status, Verdict } from '../verdict.ts';
import { htmlOf } from './html.ts';
import { junitOf } from './junit.ts';
import { markdownOf } from './markdown.ts';
import { prometheusOf } from './prometheus.ts';

/** The verdicts of one run, with what they are about. */
export interface VerifiedRun {
  readonly deployment: string;
  readonly status: Status;
  readonly durationMs: number;
  readonly verdicts: readonly Verdict[];
  /** The nodes that were judged. */
  readonly nodes: readonly VerifiedNode[];
}

/** A node by its place. */
export interface VerifiedNode {
  readonly name: string;
  readonly shard: string;
  readonly replica: string;
}

/** Formats of verdicts: a page for people, the others for other programs. */
export const OUTPUTS = ['html', 'json', 'junit', 'markdown', 'prometheus'] as const;

/** A file that gets the verdicts. */
export interface Output {
  readonly format: (typeof OUTPUTS)[number];
  readonly file: string;
}

const RENDER: Record<Output['format'], (run: VerifiedRun) => string> = {
  html: (run) => htmlOf(run, new Date()),
  json: (run) => `${JSON.stringify(run, null, 2)}\n`,
  junit: junitOf,
  markdown: markdownOf,
  prometheus: (run) => prometheusOf(run, new Date()),
};

/**
 * Writes the verdicts to a file, whose folders are made; a reader sees all of it or what was there
 * before.
 */
export async function writeOutput({ format, file }: Output, run: VerifiedRun): Promise<void> {
  const path = givenPath(file);
  await mkdir(dirname(path), { recursive: true });
  await writeWhole(path, RENDER[format](run));
}
