import { expect, test } from 'vitest';
import { MetricsPortError, serveMetrics } from './metrics-server.ts';

test('the newest text is served at /metrics, and nothing else', async () => {
  let text = 'a 1\n';
  await using server = await serveMetrics(0, () => text);
  const ask = async (url: string): Promise<[number, string]> => {
    const answer = await fetch(url);
    return [answer.status, await answer.text()];
  };
  expect(await ask(server.url)).toEqual([200, 'a 1\n']);
  text = 'a 2\n';
  expect(await ask(server.url)).toEqual([200, 'a 2\n']);
  expect((await ask(server.url.replace('/metrics', '/')))[0]).toBe(404);
});

test('a port that is taken is refused', async () => {
  await using server = await serveMetrics(0, () => '');
  const port = Number(new URL(server.url).port);
  await expect(serveMetrics(port, () => '')).rejects.toThrow(MetricsPortError);
  await expect(serveMetrics(port, () => '')).rejects.toThrow(/taken\. Choose another/);
});
