import { expect, test } from 'vitest';
import { componentOf, isContainer, parseEvent } from './terraform-events.ts';

const line = (resource: object): string =>
  JSON.stringify({ '@level': 'info', type: 'apply_start', hook: { action: 'create', resource } });

const node = {
  addr: 'module.clickhouse.module.node["clickhouse-01"].docker_container.this',
  resource_type: 'docker_container',
};

test('a container is called by the key of its module', () => {
  const event = parseEvent(line(node));
  expect(event?.type === 'apply_start' && componentOf(event)).toBe('clickhouse-01');
});

test('a container without a key is called by its address', () => {
  const event = parseEvent(line({ ...node, addr: 'docker_container.mine' }));
  expect(event?.type === 'apply_start' && componentOf(event)).toBe('docker_container.mine');
});

test('only containers are waited for', () => {
  const network = parseEvent(line({ ...node, resource_type: 'docker_network' }));
  expect(network !== undefined && isContainer(network)).toBe(false);
});

test('text and lines of other kinds are no events', () => {
  expect(parseEvent('Initializing the backend...')).toBeUndefined();
  expect(parseEvent('{"type":"version","terraform":"1.11.4"}')).toBeUndefined();
});
