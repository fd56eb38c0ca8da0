import { expect, it } from 'vitest';
import { logText } from './log-text.ts';

function frame(stream: 1 | 2, text: string): Buffer {
  const body = Buffer.from(text);
  const header = Buffer.alloc(8);
  header.writeUInt8(stream);
  header.writeUInt32BE(body.length, 4);
  return Buffer.concat([header, body]);
}

it('puts stdout and stderr together in the order in which they were written', () => {
  const frames = [frame(1, 'started\n'), frame(2, 'failed\n'), frame(1, 'ended\n')];
  expect(logText(Buffer.concat(frames))).toBe('started\nfailed\nended\n');
});

it('keeps a character whose bytes are in two frames', () => {
  const bytes = Buffer.from('é');
  const frames = [bytes.subarray(0, 1), bytes.subarray(1)].map((part) => {
    const whole = Buffer.concat([frame(1, ''), part]);
    whole.writeUInt32BE(part.length, 4);
    return whole;
  });
  expect(logText(Buffer.concat(frames))).toBe('é');
});

it('an empty log is an empty text', () => {
  expect(logText(Buffer.alloc(0))).toBe('');
});
