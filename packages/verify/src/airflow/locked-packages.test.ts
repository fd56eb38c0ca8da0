import { expect, test } from 'vitest';
import { LOCK_FILE, lockedPackages, readLockedPackages } from './locked-packages.ts';

test('packages with their versions, not those of their dependencies', () => {
  const text = `version = 1

[[package]]
name = "apache-airflow"
version = "3.3.2"
source = { registry = "https://example.org/simple" }
dependencies = [
    { name = "celery", version = "9" },
]

[[package]]
name = "celery"
version = "5.6.1"
`;
  expect([...lockedPackages(text)]).toEqual([
    ['apache-airflow', '3.3.2'],
    ['celery', '5.6.1'],
  ]);
});

test('the workspace has a lock with Airflow and its providers', async () => {
  const packages = await readLockedPackages(LOCK_FILE);
  expect(packages.get('apache-airflow')).toMatch(/^\d+\.\d+\.\d+$/);
  expect(packages.get('apache-airflow-providers-fab')).toMatch(/^\d+\.\d+\.\d+/);
});
