import { generateSecrets } from '@provehouse/secrets';
import { expect, test } from 'vitest';
import { loginsOf, monitorOf } from './account.ts';

const secrets = { ...generateSecrets(), monitoring_password: 'of monitoring' };

test('without Airflow there is no login of Flower', () => {
  const always = ['clickhouse', 'alertmanager'].map((of) => ({
    ...{ of, user: 'monitoring', password: 'of monitoring' },
  }));
  expect(loginsOf(secrets, { airflow: false })).toEqual(always);
  expect(loginsOf(secrets, { airflow: true })).toEqual([
    ...always,
    { of: 'flower', user: secrets.flower_user, password: secrets.flower_password },
  ]);
});

test('a password that is gone, and an account whose name is taken, are refused', () => {
  const { monitoring_password: _, ...without } = secrets;
  expect(() => monitorOf(without)).toThrow(
    /^Expected monitoring_password in the platform's secrets/,
  );
  expect(() => monitorOf({ ...secrets, bi_user_name: 'monitoring' })).toThrow(
    /^Expected other names than monitoring/,
  );
});
