import { expect, it } from 'vitest';
import { retryUntil } from './retry-until.ts';

const never = new AbortController().signal;

it('gives the result of the first attempt that succeeds', async () => {
  let attempts = 0;
  const attempt = async () => {
    attempts += 1;
    if (attempts < 3) throw new Error(`attempt ${attempts}`);
    return attempts;
  };
  await expect(retryUntil(attempt, { signal: never, interval: 1 })).resolves.toBe(3);
});

it('ends at once with an error that cannot go away', async () => {
  let attempts = 0;
  const attempt = async () => {
    attempts += 1;
    throw new Error('gone');
  };
  const isFinal = () => true;
  await expect(retryUntil(attempt, { signal: never, isFinal })).rejects.toThrow('gone');
  expect(attempts).toBe(1);
});

it('when it is ended it tells why the last whole attempt failed', async () => {
  const end = new AbortController();
  let attempts = 0;
  const attempt = async () => {
    attempts += 1;
    if (attempts === 1) throw new Error('refused');
    end.abort();
    throw new Error('cut short');
  };
  const result = retryUntil(attempt, { signal: end.signal, interval: 1 });
  await expect(result).rejects.toThrow('refused');
});

it('does not try when it has been ended before', async () => {
  const reason = new Error('ended');
  const attempt = async () => expect.unreachable();
  const result = retryUntil(attempt, { signal: AbortSignal.abort(reason) });
  await expect(result).rejects.toBe(reason);
});
