import { expect, test } from 'vitest';
import { componentOf, isContainer, parseEvent } from './terraform-events.ts';

const line = (resource: object): string =>
  JSON.stringify({ '@level': 'info', type: 'apply_start', hook: { action: 'create', resource } });

const node = {
  addr: 'module.clickhouse.docker_container.node["clickhouse-01"]',
  resource_type: 'docker_container',
  resource_name: 'node',
  resource_key: 'clickhouse-01',
};

test('a container of several is called by its key', () => {
  const event = parseEvent(line(node));
  expect(event?.type === 'apply_start' && componentOf(event)).toBe('clickhouse-01');
});

test('a single container is called by its resource', () => {
  const event = parseEvent(line({ ...node, resource_name: 'airflow_migrate', resource_key: null }));
  expect(event?.type === 'apply_start' && componentOf(event)).toBe('airflow-migrate');
});

test('only containers are waited for', () => {
  const network = parseEvent(line({ ...node, resource_type: 'docker_network' }));
  expect(network !== undefined && isContainer(network)).toBe(false);
});

test('text and lines of other kinds are no events', () => {
  expect(parseEvent('Initializing the backend...')).toBeUndefined();
  expect(parseEvent('{"type":"version","terraform":"1.11.4"}')).toBeUndefined();
});
