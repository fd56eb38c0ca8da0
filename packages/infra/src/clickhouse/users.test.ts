import { createHash } from 'node:crypto';
import { XMLParser } from 'fast-xml-parser';
import { expect, test } from 'vitest';
import { dialectOf } from './dialect.ts';
import { renderUsersConfig } from './users.ts';

const parser = new XMLParser({ parseTagValue: false });
const nasty = `<&>"' %{}[]\\$#;:/?@ü`;
const accounts = {
  administrator: { name: 'su', password: nasty },
  reader: { name: 'bi_user', password: 'another' },
};

test('over an image the default user is removed', () => {
  const text = renderUsersConfig(accounts, 'otus_default', { embedded: false, overImage: true });
  expect(text).toContain('<default remove="remove"/>');
});

test('passwords are in the users file as SHA-256 only', () => {
  const text = renderUsersConfig(accounts, 'otus_default', { embedded: true });
  const { users } = parser.parse(text).clickhouse;
  expect(users.su.password_sha256_hex).toBe(createHash('sha256').update(nasty).digest('hex'));
  expect(text).not.toContain('another');
});

test('the administrator manages accounts and named collections, and sees no secret of these', () => {
  const { users } = parser.parse(renderUsersConfig(accounts, 'd', { embedded: false })).clickhouse;
  expect(users.su).toMatchObject({ access_management: '1', named_collection_control: '1' });
  expect(users.su).not.toHaveProperty('show_named_collections_secrets');
});

test('the default user exists for the embedded engine only, and may have one session', () => {
  const embedded = parser.parse(renderUsersConfig(accounts, 'd', { embedded: true })).clickhouse;
  expect(embedded.profiles[embedded.users.default.profile]).toEqual({ max_sessions_for_user: '1' });
  const server = parser.parse(renderUsersConfig(accounts, 'd', { embedded: false })).clickhouse;
  expect(Object.keys(server.users)).toEqual(['su', 'bi_user']);
});

test('an old version confines the reader to the database, in the words that it knows', () => {
  const text = renderUsersConfig(accounts, 'otus_default', {
    embedded: false,
    dialect: dialectOf('18.16.1'),
  });
  const { profiles, users } = parser.parse(text).yandex;
  expect(profiles.default).toEqual({ insert_distributed_sync: '1' });
  expect(users.bi_user.allow_databases).toEqual({ database: 'otus_default' });
  expect(users.bi_user).not.toHaveProperty('grants');
});
