import { expect, test } from 'vitest';
import { exampleState, resource } from './example-state.ts';
import { statedContainers } from './terraform-state.ts';

test('a container waits for those that its resource depends on, whatever their keys', () => {
  const after = new Map(
    statedContainers(exampleState()).map((container) => [container.component, container.after]),
  );
  expect(after.get('postgres')).toEqual([]);
  expect(after.get('postgres-accounts')).toEqual(['postgres']);
  expect(after.get('airflow-scheduler')).toEqual(['postgres', 'postgres-accounts']);
});

test('an image is called by the reference that its id stands for', () => {
  const [postgres] = statedContainers(exampleState());
  expect(postgres?.reference).toBe('postgres:18.6-trixie');
});

test('blocks that are null are empty lists', () => {
  const job = statedContainers(exampleState()).find(
    ({ component }) => component === 'postgres-accounts',
  );
  expect(job?.healthcheck).toEqual([]);
  expect(job?.ports).toEqual([]);
});

test('a container without what a compose file needs is refused', () => {
  const state = {
    version: 4,
    resources: [resource('module.a', 'docker_container', { name: 'a' })],
  };
  expect(() => statedContainers(JSON.stringify(state))).toThrow(/hostname/);
});
