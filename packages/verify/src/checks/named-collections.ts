import type { ClusterCheck } from '../check.ts';
import { compareNodes } from '../inventory/compare-nodes.ts';
import type { Source } from '../inventory/source.ts';

/** https://clickhouse.com/docs/operations/named-collections */
const collections: Source = {
  subject: 'named collections',
  sql: 'SELECT name, mapKeys(collection) AS keys FROM system.named_collections',
  things: (rows) =>
    rows.map(({ name, keys }) => ({
      kind: 'named-collection',
      name: String(name),
      definition: Array.isArray(keys) ? keys.map(String).sort().join('\n') : '',
    })),
  visibleBy: {
    privileges: ['SHOW NAMED COLLECTIONS', 'NAMED COLLECTION ADMIN', 'NAMED COLLECTION', 'ALL'],
    grant: 'SHOW NAMED COLLECTIONS ON *',
  },
};

export const namedCollections: ClusterCheck = {
  name: 'named-collections',
  title: 'Named collections have the same keys on all nodes',
  scope: 'cluster',
  independentOfRun: true,
  proves:
    'Every node has the same named collections with the same keys. Their values are not read, because ' +
    'there are passwords among them: that they are equal is not proven.',
  run: (context) => compareNodes(context, [collections]),
};
