import { expect, test } from 'vitest';
import { refuseSharedDatabase, wantedModules } from './wanted-modules.ts';

test('modules stay until others are asked for', () => {
  expect(wantedModules({}, 'local_ssd', [])).toEqual([]);
  expect(wantedModules({}, 'local_ssd', ['api', 'kafka'])).toEqual(['kafka', 'api']);
  expect(wantedModules({ with: ['storage'] }, 'local_ssd', ['kafka'])).toEqual(['storage']);
  expect(wantedModules({ with: [] }, 'local_ssd', ['kafka', 'storage'])).toEqual([]);
});

test.each(['s3_ssd', 'local_ssd_backup'] as const)(
  'nodes that are kept as %s bring the module with the buckets, and refuse none',
  (storage) => {
    expect(wantedModules({}, storage, [])).toEqual(['storage']);
    expect(wantedModules({ with: ['kafka'] }, storage, [])).toEqual(['kafka', 'storage']);
    expect(() => wantedModules({ with: [] }, storage, ['storage'])).toThrow(
      `A platform of --storage ${storage} needs the module storage: expected no --with none`,
    );
  },
);

test('the database of a program that somebody else runs is not taken by the module', () => {
  expect(() => refuseSharedDatabase(['superset'], ['metabase', 'superset'])).toThrow(
    /^--with superset: expected a platform without --consumer superset/,
  );
  expect(() => refuseSharedDatabase(['kafka', 'metabase'], ['metabase'])).toThrow(
    /^--with metabase: expected a platform without --consumer metabase/,
  );
  expect(() => {
    refuseSharedDatabase(['superset'], ['metabase']);
    refuseSharedDatabase(['kafka'], ['superset']);
  }).not.toThrow();
});
