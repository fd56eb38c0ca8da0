import { expect, test } from 'vitest';
import { CURRENT_DIALECT, ClickHouseVersionError, dialectOf } from './dialect.ts';

test('a version of 2018 is spoken to in its own words', () => {
  expect(dialectOf('18.16.1')).toEqual({
    rootElement: 'yandex',
    clusterLogin: 'account',
    synchronousInserts: 'insert_distributed_sync',
    confinement: 'databases',
    airflowClient: false,
    cachedBuckets: false,
    metricsOverHttp: false,
  });
});

test('each difference ends with the version that brought it', () => {
  const secret = (version: string) => dialectOf(version).clusterLogin;
  expect([secret('20.9.7'), secret('20.10.1'), secret('21.1')]).toEqual([
    'account',
    'secret',
    'secret',
  ]);
  expect(dialectOf('23.10.5.20').synchronousInserts).toBe('insert_distributed_sync');
  expect(dialectOf('23.11.1.1').synchronousInserts).toBe('distributed_foreground_insert');
});

test('the embedded engine speaks as servers of its version do', () => {
  expect(dialectOf('26.7.3.1')).toEqual(CURRENT_DIALECT);
});

test('a text that is no version is refused', () => {
  expect(() => dialectOf('latest')).toThrow(ClickHouseVersionError);
  expect(() => dialectOf('latest')).toThrow('found "latest"');
});
