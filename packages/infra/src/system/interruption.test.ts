import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';

const FILE = join(import.meta.dirname, 'interruption.ts');

/** A process that ends by itself once it was interrupted, and what it says then. */
function startInterrupted(listen: 'on' | 'once', whenAborted: string) {
  const program = `
    import { interruption } from ${JSON.stringify(FILE)};
    const signal = interruption(() => new Error('as was asked for'), '${listen}');
    const work = setInterval(() => {}, 1000);
    signal.addEventListener('abort', () => {
      console.log(signal.reason.message);
      ${whenAborted}
    });
    console.log('ready');`;
  return spawn(process.execPath, ['--input-type=module-typescript', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  '%s aborts, and the process ends by itself',
  async (signal) => {
    const child = startInterrupted('on', 'clearInterval(work);');
    await once(child.stdout, 'readable');
    child.kill(signal);
    const [said, [code]] = await Promise.all([text(child.stdout), once(child, 'close')]);
    expect(said).toBe('ready\nas was asked for\n');
    expect(code).toBe(0);
  },
);

test('where it is listened to once, a second one ends the process where it is', async () => {
  const child = startInterrupted('once', `process.kill(process.pid, 'SIGTERM');`);
  await once(child.stdout, 'readable');
  child.kill('SIGTERM');
  const [said, [, signal]] = await Promise.all([text(child.stdout), once(child, 'close')]);
  expect(said).toContain('as was asked for');
  expect(signal).toBe('SIGTERM');
});
