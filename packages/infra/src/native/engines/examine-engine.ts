import { createHash } from 'node:crypto';
import { mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { $ } from 'zx';
import { writeWhole } from '../../system/write-whole.ts';
import { LAUNCHER } from './chdb.ts';

const answerSchema = z.union([
  z.strictObject({ version: z.string() }),
  z.strictObject({ reason: z.string() }),
]);

/** The version of a library that can replicate, or why this one cannot. */
export type EngineExamination = z.infer<typeof answerSchema>;

/**
 * Whether the embedded engine's library is a build that Provehouse can wire for replication: by its
 * build id, its checksum and what stands at each place. The answer is kept in the cache for as long as
 * neither the library nor the table of builds changes, because the checksum takes a third of a second.
 */
export async function examineEngine(
  python: string,
  library: string,
  cache: string,
): Promise<EngineExamination> {
  const { size, mtimeMs, ino, dev } = await stat(library);
  const key = createHash('sha256')
    .update(JSON.stringify([library, size, mtimeMs, ino, dev, process.arch]))
    .update(await readFile(join(LAUNCHER, 'builds.json')))
    .update(await readFile(join(LAUNCHER, 'build_table.py')))
    .digest('hex')
    .slice(0, 16);
  const file = join(cache, `embedded-engine-${key}.json`);
  const kept = await readFile(file, 'utf8').catch(() => undefined);
  if (kept !== undefined) return answerSchema.parse(JSON.parse(kept));
  const { stdout } = await $({ quiet: true })`${python} ${LAUNCHER} ${library} --examine`;
  const answer = answerSchema.parse(JSON.parse(stdout));
  await mkdir(cache, { recursive: true });
  await writeWhole(file, stdout);
  return answer;
}
