import { expect, test } from 'vitest';
import { makingSql } from './restore-backup.ts';

const table = (definition: string) => ({
  ...{ name: 'odd `name`', engine: 'ReplicatedMergeTree', uuid: 'a-b', definition },
  ...{ coordinationPath: '', replicas: {}, contents: [] },
});

test('a table whose path has its UUID is made under the same one on every replica', () => {
  const definition =
    "CREATE TABLE otus_default.`odd \\`name\\`` (`id` UInt64) ENGINE = ReplicatedMergeTree('/t/{uuid}/{shard}', '{replica}') ORDER BY id";
  expect(makingSql('otus_default', table(definition))).toBe(
    "CREATE TABLE `otus_default`.`odd \\`name\\`` UUID 'a-b' (`id` UInt64) ENGINE = ReplicatedMergeTree('/t/{uuid}/{shard}', '{replica}') ORDER BY id",
  );
});

test('another is made as it was', () => {
  const definition =
    "CREATE TABLE otus_default.t (`id` UInt64) ENGINE = ReplicatedMergeTree('/t/{shard}', '{replica}') ORDER BY id";
  expect(makingSql('otus_default', table(definition))).toBe(definition);
});
