import { expect, test } from 'vitest';
import { stateOf } from './container-status.ts';

test('a container is ready only when its health check says so', () => {
  expect(stateOf({ state: 'running', exitCode: 0, health: 'healthy' })).toEqual({ state: 'ready' });
  expect(stateOf({ state: 'running', exitCode: 0, health: 'unhealthy', said: 'refused' })).toEqual({
    state: 'not answering',
    reason: 'refused',
  });
});

test('a container without a health check is not taken for ready', () => {
  expect(stateOf({ state: 'running', exitCode: 0 })).toEqual({
    state: 'not answering',
    reason: 'it has no health check',
  });
});

test('a container that has ended says how', () => {
  expect(stateOf({ state: 'exited', exitCode: 137 })).toEqual({ state: 'exited with code 137' });
  expect(stateOf({ state: 'paused', exitCode: 0, health: 'healthy' })).toEqual({ state: 'paused' });
});
