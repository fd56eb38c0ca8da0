import { expect, it } from 'vitest';
import { contentProblems } from './check.ts';
import { generatePassword, generateSecrets } from './generate.ts';

const passwords = Array.from({ length: 500 }, generatePassword);

it('makes passwords of at least 24 characters with a letter of each case, a digit and a special', () => {
  for (const password of passwords) {
    expect(password.length).toBeGreaterThanOrEqual(24);
    expect(password).toMatch(/[a-z]/);
    expect(password).toMatch(/[A-Z]/);
    expect(password).toMatch(/\d/);
    expect(password).toMatch(/[^A-Za-z\d]/);
  }
});

it('leaves out the characters that some place cannot carry', () => {
  expect(passwords.join('')).not.toMatch(/[$'"\\,`\s]/);
});

it('uses every special character that all places carry', () => {
  const found = new Set(passwords.join('').replace(/[A-Za-z\d]/g, ''));
  expect([...found].sort().join('')).toBe('!#%&()*+-./:;<=>?@[]^_{|}~');
});

it('makes secrets that have no problem and differ each time', () => {
  const [first, second] = [generateSecrets(), generateSecrets()];
  expect(contentProblems(first)).toEqual([]);
  expect(contentProblems(second)).toEqual([]);
  const same = Object.entries(first).filter(([name, value]) =>
    Object.entries(second).some(([n, v]) => n === name && v === value),
  );
  expect(same.map(([name]) => name)).toEqual([
    'super_user_name',
    'bi_user_name',
    'interserver_user',
    'minio_root_user',
    'airflow_admin_user',
    'flower_user',
    'grafana_admin_username',
    'grafana_admin_email',
  ]);
});

it('leaves out what only its owner can give', () => {
  expect(generateSecrets()).not.toHaveProperty('telegram_bot_token');
  expect(generateSecrets()).not.toHaveProperty('airflow_fernet_key_previous');
});
