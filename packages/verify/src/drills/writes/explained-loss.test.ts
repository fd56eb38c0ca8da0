import { expect, test } from 'vitest';
import { imaginaryTarget } from '../../../test/drill-target.ts';
import type { NodeClient } from '../../clickhouse/cluster.ts';
import type { DrillTarget } from '../drill-target.ts';
import type { KnownLoss } from '../known-loss.ts';
import { explainLoss } from './explained-loss.ts';

const BATCH_ROWS = 10;
const ENDANGERED = { first: 5, end: 8 };

const lossIn = (isThere: boolean): KnownLoss => ({
  ...{ fault: 'It forgets.', protection: 'A quorum.' },
  isIn: () => Promise.resolve(isThere),
});

/** A platform whose replicas have so many lost parts, and so much left to do. */
function platformWith(replica: { readonly lost: number; readonly busy: number }): DrillTarget {
  const { target } = imaginaryTarget();
  const { cluster } = target;
  const node = (name: string): NodeClient => ({
    ...cluster.node(name),
    query: (_, row) => Promise.resolve([row.parse(replica)]),
  });
  return { ...target, cluster: { ...cluster, node } };
}

const explain = (
  ids: readonly string[],
  loss = lossIn(true),
  replica = { lost: 1, busy: 0 },
): ReturnType<typeof explainLoss> => {
  const target = platformWith(replica);
  const contents = target.cluster.nodes.map((client) => ({
    ...{ node: client.node.name, unexpected: [], sql: [] },
    missing: client.node.shard === '01' ? ids : [],
  }));
  const rows = { table: 't_local', contents, endangered: ENDANGERED, batchRows: BATCH_ROWS };
  return explainLoss(target, loss, rows);
};

test('rows of the fault that the servers have given up are explained, a part once for its replicas', async () => {
  expect(await explain(['50', '79'])).toMatchObject({
    lostParts: 1,
    loss: { fault: 'It forgets.' },
  });
});

test.each([
  ['nothing is lost', [], undefined, undefined],
  ['a row was sent before the fault', ['49', '50'], undefined, undefined],
  ['a row was sent after the fault', ['50', '80'], undefined, undefined],
  ['the engine does not have the fault', ['50'], lossIn(false), undefined],
  ['the servers count no lost part', ['50'], undefined, { lost: 0, busy: 0 }],
  ['something is still on its way', ['50'], undefined, { lost: 1, busy: 1 }],
] as const)('no loss is explained when %s', async (_, ids, loss, replica) => {
  expect(await explain(ids, loss, replica)).toBeUndefined();
});
