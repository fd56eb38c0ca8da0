import { expect, test } from 'vitest';
import { wantedEndpoint } from './wanted-endpoint.ts';

const URL = 'http://127.0.0.1:9900/bucket';

test('the bucket is the one that is asked for, else that of before, and none without the module', () => {
  expect(wantedEndpoint({}, ['storage'], undefined)).toBeUndefined();
  expect(wantedEndpoint({}, ['storage'], URL)).toBe(URL);
  expect(wantedEndpoint({ storageEndpoint: `${URL}/` }, ['storage'], undefined)).toBe(URL);
  expect(wantedEndpoint({ storageEndpoint: 'none' }, ['storage'], URL)).toBeUndefined();
  expect(wantedEndpoint({}, ['kafka'], URL)).toBeUndefined();
});

test('a bucket that nothing would use is refused', () => {
  expect(() => wantedEndpoint({ storageEndpoint: URL }, ['kafka'], undefined)).toThrow(
    '--storage-endpoint: expected --with storage or --storage s3_ssd with it, found neither.',
  );
  expect(wantedEndpoint({ storageEndpoint: 'none' }, [], undefined)).toBeUndefined();
});
