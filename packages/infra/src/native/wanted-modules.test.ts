import { expect, test } from 'vitest';
import { COMPONENTS } from '../components/index.ts';
import { MODULES } from '../runtime.ts';
import {
  refuseContainersOnly,
  refuseWithoutDisks,
  refuseWithoutMetrics,
  wantedModules,
} from './wanted-modules.ts';

test('modules are those that are asked for, else those of before, and what tables need', () => {
  expect(wantedModules({}, 'local_ssd', [])).toEqual([]);
  expect(wantedModules({}, 'local_ssd', ['kafka'])).toEqual(['kafka']);
  expect(wantedModules({ with: [] }, 'local_ssd', ['kafka'])).toEqual([]);
  expect(wantedModules({}, 's3_ssd', ['kafka'])).toEqual(['kafka', 'storage']);
  expect(wantedModules({ with: ['kafka'] }, 's3_ssd', ['storage'])).toEqual(['kafka', 'storage']);
});

test('tables in a bucket are not left without it, and backups in one are for containers', () => {
  expect(() => wantedModules({ with: [] }, 's3_ssd', ['storage'])).toThrow(
    'Tables that are kept as s3_ssd need the module storage',
  );
  expect(() => wantedModules({}, 'local_ssd_backup', [])).toThrow(
    /local_ssd_backup is for containers: expected --runtime docker with it/,
  );
});

const server = (version: string) => ({
  ...{ name: 'server' as const, command: ['clickhouse'], version },
  coordination: { kind: 'keeper' as const, command: ['clickhouse'], members: 1 as const },
});

test('a server that has no account for metrics is refused where there is monitoring', () => {
  expect(() => refuseWithoutMetrics(server('18.16.1'), ['kafka', 'monitoring'])).toThrow(
    /Expected a ClickHouse 22\.12 or later for --with monitoring, found 18\.16\.1\./,
  );
  refuseWithoutMetrics(server('18.16.1'), ['kafka']);
  refuseWithoutMetrics(server('26.3.1'), ['monitoring']);
  refuseWithoutMetrics({ name: 'chdb' }, ['monitoring']);
});

test('a server that knows no cache of a bucket is refused where tables are to be in one', () => {
  expect(() => refuseWithoutDisks(server('18.16.1'), 's3_ssd')).toThrow(
    /Expected a ClickHouse that keeps tables in a bucket .*, found 18\.16\.1\./,
  );
  refuseWithoutDisks(server('18.16.1'), 'local_ssd');
  refuseWithoutDisks(server('26.3.1'), 's3_ssd');
  refuseWithoutDisks({ name: 'chdb' }, 's3_ssd');
});

test('what cannot run as processes is refused with the reason, and nothing else is', () => {
  expect(() => refuseContainersOnly(COMPONENTS, ['kafka', 'metabase'])).toThrow(
    '--with metabase is for containers, because no registry of packages has Metabase: expected --runtime docker with it, found the native runtime.',
  );
  const others = MODULES.filter((module) => module !== 'metabase');
  expect(() => refuseContainersOnly(COMPONENTS, others)).not.toThrow();
});
