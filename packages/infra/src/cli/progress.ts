import type { WriteStream } from 'node:tty';
import { styleText } from 'node:util';
import type { Progress } from '../runtime.ts';

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/** A progress that must be ended, so that nothing of it stays on the terminal. */
export type ShownProgress = Progress & Disposable;

/**
 * Shows progress for people: on a terminal a line for what is ready and one that moves with what is
 * being waited for and since when; elsewhere plain lines.
 */
export function showProgress(stream: WriteStream): ShownProgress {
  const begin = Date.now();
  const waiting = new Set<string>();
  let frame = 0;
  const elapsed = (): string => `${((Date.now() - begin) / 1000).toFixed(1)} s`;
  const paint = (format: Parameters<typeof styleText>[0], text: string): string =>
    styleText(format, text, { stream, validateStream: true });
  const erase = (): void => {
    if (stream.isTTY) stream.write('\r\x1b[2K');
  };
  const draw = (): void => {
    erase();
    if (waiting.size === 0) return;
    const text = `waiting for ${[...waiting].join(', ')} · ${elapsed()}`;
    const width = Math.max(20, stream.columns - 4);
    const shown = text.length > width ? `${text.slice(0, width - 1)}…` : text;
    stream.write(`${FRAMES[frame++ % FRAMES.length] ?? ''} ${shown}`);
  };
  const timer = stream.isTTY ? setInterval(draw, 100) : setInterval(report, 10_000);
  timer.unref();
  function report(): void {
    if (waiting.size > 0) stream.write(`${elapsed()}  waiting for ${[...waiting].join(', ')}\n`);
  }
  const line = (text: string): void => {
    erase();
    stream.write(`${text}\n`);
  };
  return {
    message: (text) => line(`${paint('cyan', '·')} ${text}`),
    waiting: (component) => waiting.add(component),
    ready(component) {
      waiting.delete(component);
      line(`${paint('green', '✔')} ${component.padEnd(24)} ready at ${elapsed()}`);
    },
    gone(component) {
      waiting.delete(component);
      line(`${paint('green', '✔')} ${component.padEnd(24)} removed at ${elapsed()}`);
    },
    [Symbol.dispose]() {
      clearInterval(timer);
      erase();
    },
  };
}
