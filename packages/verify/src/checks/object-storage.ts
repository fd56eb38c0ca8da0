import { openBucket, type Bucket } from '@provehouse/infra';
import pLimit from 'p-limit';
import type { ClusterCheck, ClusterContext } from '../check.ts';
import { askNodes } from '../clickhouse/ask-nodes.ts';
import type { NodeClient } from '../clickhouse/cluster.ts';
import { hasSystemTable } from '../clickhouse/dialect.ts';
import { evidence, EVIDENCE_ROWS } from '../clickhouse/evidence.ts';
import { databaseOf } from '../clickhouse/named-table.ts';
import {
  objectsSql,
  partPlaces,
  storedObjects,
  type PartPlaces,
  type StoredObject,
} from '../clickhouse/stored-objects.ts';
import { localTables, type LocalTable } from '../contract/contract.ts';
import type { Finding } from '../verdict.ts';

/** Objects of a table that are asked for on a node; a part is about ten. */
const MOST_OBJECTS = 500;
/** Requests to the S3 server at a time, for each node. */
const PARALLEL = 4;

/** An object that is not as its part needs it. */
interface WrongObject extends StoredObject {
  /** Its size in the bucket; absent where it is not there. */
  readonly found?: number;
}

/** Whether what nodes take for their data is really in the bucket. */
export const objectStorage: ClusterCheck = {
  name: 'object-storage',
  title: 'No part in object storage lacks an object',
  critical: true,
  proves:
    'Every object that an active part names, as system.remote_data_paths of its node says, is in the bucket of the deployment in its full length: the S3 server itself is asked, by signed requests, so that a node’s cache hides nothing. Of a table with more than 500 objects on a node others are asked for each time, and how many were left out is said. What is in the objects is for part-health to read. A table without parts in object storage has nothing that could be missing there.',
  scope: 'cluster',
  run: async (context) => {
    const { contract, cluster } = context;
    if (localTables(contract).length === 0) return [];
    let opened: Promise<Bucket | Finding> | undefined;
    const bucket = (): Promise<Bucket | Finding> => (opened ??= openBucketOf(context));
    const { answers, silent } = await askNodes(cluster.nodes, (client) =>
      judgeNode(context, client, bucket),
    );
    return [...answers.flatMap(({ value }) => value), ...silent];
  },
};

/** The bucket of the deployment, or why it cannot be asked. @throws StorageError when it does not answer */
async function openBucketOf({ deployment, secrets }: ClusterContext): Promise<Bucket | Finding> {
  const secretKey = secrets['minio_root_password'];
  if (deployment.storage === undefined) {
    return skipped('The deployment names no bucket (`storage`).');
  }
  if (secretKey === undefined) {
    return skipped('The secrets have no minio_root_password, the key of the bucket.');
  }
  const { user: accessKey, ...place } = deployment.storage;
  const bucket = openBucket({ ...place, accessKey, secretKey });
  await bucket.ask();
  return bucket;
}

const EXPECTED = 'each object of an active part is in the bucket';

const skipped = (reason: string): Finding => ({
  ...{ status: 'skipped', expected: EXPECTED, observed: 'not asked', reason },
});

async function judgeNode(
  context: ClusterContext,
  client: NodeClient,
  bucket: () => Promise<Bucket | Finding>,
): Promise<Finding[]> {
  const { deployment, contract } = context;
  const node = client.node.name;
  if (!(await hasSystemTable(client, 'remote_data_paths'))) {
    return [{ ...skipped('A server of this version does not say where objects are.'), node }];
  }
  const tables = localTables(contract);
  const places = await partPlaces(deployment, client, tables);
  const isOf = (local: LocalTable) => (row: { database: string; table: string }) =>
    row.table === local.name && row.database === databaseOf(deployment, local);
  const remote = tables.filter((local) => (places.find(isOf(local))?.remote ?? 0) > 0);
  const objects =
    remote.length === 0
      ? []
      : await storedObjects(deployment, client, remote, { most: MOST_OBJECTS });
  return Promise.all(
    tables.map((local) =>
      judgeTable(context, client, bucket, {
        local,
        place: places.find(isOf(local)),
        objects: objects.filter(isOf(local)),
      }),
    ),
  );
}

/** A table on a node. */
interface TableThere {
  readonly local: LocalTable;
  readonly place: PartPlaces | undefined;
  readonly objects: readonly StoredObject[];
}

async function judgeTable(
  { deployment, sampling }: ClusterContext,
  client: NodeClient,
  bucket: () => Promise<Bucket | Finding>,
  { local, place, objects }: TableThere,
): Promise<Finding> {
  const node = client.node.name;
  const about = {
    ...{ subject: local.name, node, expected: EXPECTED },
    sql: [objectsSql(deployment, [local], { most: MOST_OBJECTS })],
  } as const;
  if (place === undefined) {
    const reason = 'There is no such table on this node, which table-definition judges.';
    return { ...about, status: 'skipped', observed: 'no table', reason };
  }
  if (place.remote === 0) {
    const observed = place.parts === 0 ? 'no active parts' : `${place.parts} parts on local disks`;
    return { ...about, status: 'passed', observed };
  }
  const opened = await bucket();
  if ('status' in opened) return { ...opened, ...about };
  const [{ of = 0, parts = 0 } = {}] = objects;
  if (parts < place.remote) {
    return {
      ...{ ...about, status: 'inconclusive' },
      observed: `${place.remote} parts in object storage, and objects of ${parts}`,
      reason:
        'system.remote_data_paths does not name the objects of all parts: run the check again, and look whether the account may read it.',
    };
  }
  const { asked, wrong } = await askFor(opened, objects, sampling?.until);
  const still = await stillNamed({ deployment, client, local }, wrong);
  const gone = wrong.length - still.length;
  const left =
    (gone > 0 ? `; ${gone} went with their part meanwhile` : '') +
    (asked < of ? `; ${of - asked} were left out` : '');
  if (still.length === 0) {
    const observed = `${asked - gone} of ${of} objects of ${place.remote} parts are there${left}`;
    // Time that was up before the first object proves nothing.
    return asked === 0
      ? { ...about, status: 'inconclusive', observed, reason: 'Allow the run more time.' }
      : { ...about, status: 'passed', observed };
  }
  const [first] = still;
  return {
    ...{ ...about, status: 'failed' },
    observed: `${still.length} of ${asked} objects are missing or of another length: ${first?.object ?? ''} of ${first?.part ?? ''}${left}`,
    reason:
      'Rows of these parts cannot be read on this node. Get the objects back into the bucket. Where another replica has the rows, this node can be given a new replica of the table instead; where none has, insert them again.',
    evidence: [
      evidence(
        `Objects of ${local.name} on ${node}`,
        still.slice(0, EVIDENCE_ROWS).map(({ part, object, size, found }) => ({
          ...{ part, object, 'length by the part': size },
          'length in the bucket': found ?? 'missing',
        })),
      ),
    ],
  };
}

/** Asks the bucket for objects, until the time is up. @throws StorageError when it does not answer */
async function askFor(
  bucket: Bucket,
  objects: readonly StoredObject[],
  until = Infinity,
): Promise<{ asked: number; wrong: WrongObject[] }> {
  const wrong: WrongObject[] = [];
  let asked = 0;
  await pLimit(PARALLEL).map([...objects], async (object) => {
    if (performance.now() > until) return;
    const found = await bucket.sizeOf(object.object);
    asked += 1;
    if (found === object.size) return;
    wrong.push({ ...object, ...(found !== undefined && { found }) });
  });
  return { asked, wrong };
}

/** Those that an active part still names: others went when their part was merged meanwhile. */
async function stillNamed(
  {
    deployment,
    client,
    local,
  }: { deployment: ClusterContext['deployment']; client: NodeClient; local: LocalTable },
  wrong: readonly WrongObject[],
): Promise<readonly WrongObject[]> {
  if (wrong.length === 0) return wrong;
  const only = wrong.map(({ object }) => object);
  const named = await storedObjects(deployment, client, [local], { most: MOST_OBJECTS, only });
  const still = new Set(named.map(({ object }) => object));
  return wrong.filter(({ object }) => still.has(object));
}
