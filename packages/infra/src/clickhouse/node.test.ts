import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { generateSecrets } from '@provehouse/secrets';
import { expect, test } from 'vitest';
import { createDatabaseOnCluster } from './node.ts';

const TOO_EARLY = 'Code: 139. DB::Exception: DDL background thread is not initialized.';
const LOST = 'Code: 999. Coordination::Exception: Session expired.';
const MADE = 'one\t9000\t0\t\t1\t0\ntwo\t9001\t0\t\t0\t0\n';
const secrets = generateSecrets();
const wish = { cluster: 'pair', database: 'dwh', databaseEngine: 'atomic', expected: 2 } as const;

/** A node that gives these answers one after the other; those that begin with `Code:` are errors. */
async function nodeThatSays(...answers: readonly string[]) {
  let asked = 0;
  const server = createServer((request, response) => {
    const answer = answers[asked++] ?? '';
    request.resume().once('end', () => {
      response.writeHead(answer.startsWith('Code:') ? 500 : 200).end(answer);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    node: {
      ...{ name: 'one', shard: '01', replica: '01', host: '127.0.0.1' },
      ...{ httpPort: port, nativePort: port },
    },
    asked: () => asked,
    async [Symbol.asyncDispose]() {
      server.close();
      await once(server, 'close');
    },
  };
}

test('a node that does not execute statements ON CLUSTER yet is asked again', async () => {
  await using one = await nodeThatSays(TOO_EARLY, TOO_EARLY, MADE);
  await createDatabaseOnCluster(one.node, secrets, wish);
  expect(one.asked()).toBe(3);
});

test('any other refusal is an error at once, with what the node said', async () => {
  await using one = await nodeThatSays(LOST, MADE);
  await expect(createDatabaseOnCluster(one.node, secrets, wish)).rejects.toThrow(
    /^one could not make the database ON CLUSTER: .*Session expired/,
  );
  expect(one.asked()).toBe(1);
});

test('a node that did not execute it is named', async () => {
  await using one = await nodeThatSays('one\t9000\t0\t\t1\t0\ntwo\t9001\t81\tno disk\t0\t0\n');
  await expect(createDatabaseOnCluster(one.node, secrets, wish)).rejects.toThrow(
    'two:9001 says no disk',
  );
});
