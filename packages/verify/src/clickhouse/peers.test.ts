import { expect, test } from 'vitest';
import { QueryError } from '@provehouse/infra/clickhouse';
import { isFromPeer, saidOfPeer } from './peers.ts';

const refused = (text: string): QueryError =>
  new QueryError(`clickhouse-01 (127.0.0.1:8123): ${text.split('\n')[0]}\nin: SELECT 1`, '279', {
    cause: new Error(text),
  });

test('of a log of attempts the last cause is shown, in one line', () => {
  const error = refused(`All connection tries failed. Log:

Code: 210. DB::NetException: Connection
refused (10.0.0.3:9000). (NETWORK_ERROR) (version 26.7.2.1)

Code: 32. DB::Exception: Attempt to read
after eof. (ATTEMPT_TO_READ_AFTER_EOF) (version 26.7.2.1)

: While executing Remote. `);
  expect(saidOfPeer(error)).toBe(
    'Code: 32. DB::Exception: Attempt to read after eof. (ATTEMPT_TO_READ_AFTER_EOF)',
  );
  expect(isFromPeer(error)).toBe(true);
});

test('words without a cause are shown without who was asked', () => {
  const error = new QueryError(
    'clickhouse-01 (127.0.0.1:8123): no answer in time\nin: SELECT 1',
    undefined,
  );
  expect(saidOfPeer(error)).toBe('no answer in time');
  expect(isFromPeer(error)).toBe(false);
});
