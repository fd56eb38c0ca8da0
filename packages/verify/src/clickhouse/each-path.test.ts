import { QueryError } from '@provehouse/infra/clickhouse';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { pathQuestion } from './each-path.ts';

/** A node that has entries below some paths, and notes what it is asked. */
function nodeWith(entries: Readonly<Record<string, number>>, refuses = /never/) {
  const statements: string[] = [];
  const query = async <Row extends z.ZodType>(sql: string, row: Row): Promise<z.output<Row>[]> => {
    statements.push(sql);
    if (refuses.test(sql)) throw new QueryError('one path alone', '36');
    return Object.entries(entries)
      .filter(([path]) => sql.includes(`'${path}'`))
      .map(([path, nodes]) => row.parse({ asked_path: path, nodes: String(nodes) }));
  };
  return { query, statements };
}

const askNodes = pathQuestion({
  ...{ columns: 'count() AS nodes', where: "name != 'log'" },
  row: z.strictObject({ nodes: z.coerce.number() }),
});

test('what is asked of several paths at about the same time is one statement', async () => {
  const node = nodeWith({ '/a': 1, '/b': 2 });
  const answers = await Promise.all(
    ['/a', '/none', '/b', '/a'].map((path) => askNodes(node, path)),
  );
  expect(answers).toEqual([{ nodes: 1 }, undefined, { nodes: 2 }, { nodes: 1 }]);
  expect(node.statements).toEqual([
    [
      'SELECT path AS asked_path, count() AS nodes FROM system.zookeeper',
      "WHERE path IN ('/a', '/none', '/b') AND name != 'log' GROUP BY path",
    ].join('\n'),
  ]);
});

test('a server that reads one path at a time is asked so', async () => {
  const node = nodeWith({ '/a': 1, '/b': 2 }, / IN /);
  const answers = await Promise.all(['/a', '/b'].map((path) => askNodes(node, path)));
  expect(answers).toEqual([{ nodes: 1 }, { nodes: 2 }]);
  expect(node.statements.slice(1).map((sql) => /path = '\/\w'/.exec(sql)?.[0])).toEqual([
    "path = '/a'",
    "path = '/b'",
  ]);
});

test('any other refusal is an error for everyone who asked', async () => {
  const node = {
    query: () => Promise.reject(new QueryError('no coordination', '999')),
  };
  const answers = await Promise.allSettled(['/a', '/b'].map((path) => askNodes(node, path)));
  expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
});
