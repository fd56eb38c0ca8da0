/**
 * `node take-locks.ts FILE ROUNDS exit|die`: takes the lock of a file so many times, and each time sees
 * to it that nobody else has it; then ends, or is killed while it has it. Prints what it found.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { tryLock } from '../src/system/file-lock.ts';

const [file = '', rounds = '0', end] = process.argv.slice(2);
const witness = `${file}.holder`;
let held = 0;
while (held < Number(rounds)) {
  const lock = await tryLock(file);
  if (lock === undefined) {
    await setTimeout(1);
    continue;
  }
  writeFileSync(witness, String(process.pid));
  held += 1;
  // Others run meanwhile, and would write themselves.
  await new Promise((resume) => setImmediate(resume));
  if (readFileSync(witness, 'utf8') !== String(process.pid)) {
    process.stdout.write(`two had it in round ${held}\n`);
    process.exit(1);
  }
  if (end === 'die' && held === Number(rounds)) {
    writeFileSync(1, `${held} held\n`);
    process.kill(process.pid, 'SIGKILL');
  }
  rmSync(witness, { force: true });
  await lock[Symbol.asyncDispose]();
}
process.stdout.write(`${held} held\n`);
