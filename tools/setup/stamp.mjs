import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';

/** A text that changes whenever one of the files or words does. */
export function fingerprint(files, ...words) {
  const hash = createHash('sha256').update(words.join('\n'));
  for (const file of files) hash.update(readFileSync(file));
  return hash.digest('hex');
}

/** Whether the stamp was left by an installation with this fingerprint. */
export function isStamped(stamp, expected) {
  try {
    return readFileSync(stamp, 'utf8') === expected;
  } catch {
    return false;
  }
}

/** Leaves the fingerprint for the next time. */
export const leaveStamp = (stamp, text) => writeFileSync(stamp, text);
