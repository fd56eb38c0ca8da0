import { expect, it } from 'vitest';
import { contentProblems } from './check.ts';
import type { Secrets } from './fields.ts';
import { generateSecrets } from './generate.ts';
import { componentsReading, finishRotation, rotateSecrets } from './rotate.ts';

const secrets = generateSecrets();

const changes = (before: Secrets, after: Secrets) => {
  const old = new Map(Object.entries(before));
  return Object.entries(after)
    .filter(([name, value]) => old.get(name) !== value)
    .map(([name]) => name);
};

it('replaces the named secrets and nothing else', () => {
  const rotated = rotateSecrets(secrets, ['redis_password', 'airflow_jwt_secret']);
  expect(changes(secrets, rotated).sort()).toEqual(['airflow_jwt_secret', 'redis_password']);
  expect(contentProblems(rotated)).toEqual([]);
});

it('keeps the old Fernet key beside the new one until the rotation is finished', () => {
  const rotated = rotateSecrets(secrets, ['airflow_fernet_key']);
  expect(rotated.airflow_fernet_key).not.toBe(secrets.airflow_fernet_key);
  expect(rotated.airflow_fernet_key_previous).toBe(secrets.airflow_fernet_key);
  expect(contentProblems(rotated)).toEqual([]);
  const finished = finishRotation(rotated);
  expect(finished).not.toHaveProperty('airflow_fernet_key_previous');
  expect(finished).toEqual({ ...secrets, airflow_fernet_key: rotated.airflow_fernet_key });
});

it('keeps the previous Fernet key when other secrets are rotated', () => {
  const once = rotateSecrets(secrets, ['airflow_fernet_key']);
  expect(changes(once, rotateSecrets(once, ['redis_password']))).toEqual(['redis_password']);
});

it('does not give up an unfinished Fernet key unless asked to', () => {
  const once = rotateSecrets(secrets, ['airflow_fernet_key']);
  expect(() => rotateSecrets(once, ['airflow_fernet_key'])).toThrow('--discard-previous');
  const twice = rotateSecrets(once, ['airflow_fernet_key'], { discardPrevious: true });
  expect(twice.airflow_fernet_key_previous).toBe(once.airflow_fernet_key);
});

it.each([
  ['super_user_name', 'is no secret'],
  ['grafana_admin_email', 'is no secret'],
  ['telegram_bot_token', 'comes from Telegram'],
  ['telegram_chat_id', 'is no secret'],
  ['airflow_fernet_key_previous', 'ends with rotate --finish'],
  ['toString', 'unknown'],
])('refuses to rotate %s', (name, reason) => {
  expect(() => rotateSecrets(secrets, ['redis_password', name])).toThrow(`${name}: ${reason}`);
});

it('makes the key of a database once, and does not replace it', () => {
  const made = rotateSecrets(secrets, ['metabase_encryption_key']);
  expect(made.metabase_encryption_key).toMatch(/^[\w-]{86}$/);
  expect(() => rotateSecrets(made, ['metabase_encryption_key'])).toThrow(
    "metabase_encryption_key: is what Metabase's database is encrypted with",
  );
});

it('has nothing to finish without a previous key', () => {
  expect(() => finishRotation(secrets)).toThrow('no rotation to finish');
});

it('names the components to restart, each once', () => {
  expect(componentsReading(['super_user_password', 'redis_password'])).toEqual([
    'clickhouse',
    'airflow',
    'redis',
  ]);
});
