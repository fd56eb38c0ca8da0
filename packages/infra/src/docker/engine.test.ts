import { afterEach, expect, test, vi } from 'vitest';
import { checkEngine, EngineError } from './engine.ts';

afterEach(() => vi.unstubAllEnvs());

test('without an engine the error says what to do', async () => {
  vi.stubEnv('DOCKER_HOST', 'unix:///nowhere/docker.sock');
  const checking = checkEngine();
  await expect(checking).rejects.toThrow(EngineError);
  await expect(checking).rejects.toThrow(/Expected a Docker engine, found none.*DOCKER_HOST/);
});
