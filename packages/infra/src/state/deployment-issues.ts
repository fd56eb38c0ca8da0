import { z } from 'zod';

/** What must not be the same of two nodes. */
interface NodeIdentity {
  readonly name: string;
  readonly shard: string;
  readonly replica: string;
  readonly host: string;
  readonly httpPort: number;
  readonly nativePort: number;
  readonly answersAs?: string | undefined;
}

/** A field of a node that has what a node before it has already. */
interface Repetition {
  readonly index: number;
  readonly field: keyof NodeIdentity;
  readonly message: string;
}

const IDENTITIES: readonly {
  readonly field: keyof NodeIdentity;
  of(node: NodeIdentity): string;
}[] = [
  { field: 'name', of: ({ name }) => `the name ${name}` },
  { field: 'replica', of: ({ shard, replica }) => `shard ${shard} replica ${replica}` },
  {
    field: 'httpPort',
    of: ({ host, httpPort, answersAs = '' }) =>
      `the address ${host}:${httpPort}${answersAs && `, where it answers as ${answersAs}`}`,
  },
  {
    field: 'nativePort',
    // Behind a load balancer nobody asks there.
    of: ({ host, nativePort, answersAs, name }) =>
      answersAs === undefined ? `the address ${host}:${nativePort}` : name,
  },
];

/** Names, places and addresses that two nodes of a deployment share. */
export function repetitionsOf(nodes: readonly NodeIdentity[]): Repetition[] {
  return IDENTITIES.flatMap(({ field, of }) =>
    nodes.flatMap((node, index) => {
      const earlier = nodes.slice(0, index).find((other) => of(other) === of(node));
      if (earlier === undefined) return [];
      return [{ index, field, message: `${earlier.name} has ${of(node)} already` }];
    }),
  );
}

/** What is wrong with a deployment, each field with its node and the value that it has. */
export function describeIssues(error: z.ZodError, deployment: unknown): string {
  return error.issues
    .toSorted((left, right) => left.path.length - right.path.length)
    .map(({ message, path }) => {
      if (path.length === 0) return `✖ ${message}`;
      const found = valueAt(deployment, path);
      const said = isScalar(found) ? `, found ${JSON.stringify(found)}` : '';
      return `✖ ${message}\n  → at ${z.core.toDotPath(path)}${ofNode(deployment, path)}${said}`;
    })
    .join('\n');
}

function ofNode(deployment: unknown, [section, list, index]: readonly PropertyKey[]): string {
  if (section !== 'clickhouse' || list !== 'nodes' || index === undefined) return '';
  const name = valueAt(deployment, [section, list, index, 'name']);
  return typeof name === 'string' ? ` of ${name}` : '';
}

const valueAt = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null ? Reflect.get(inner, key) : undefined,
    value,
  );

const isScalar = (value: unknown): boolean =>
  ['string', 'number', 'boolean'].includes(typeof value) || value === null;
