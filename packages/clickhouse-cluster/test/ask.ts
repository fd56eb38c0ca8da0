import type { ClickHouseClient } from '@clickhouse/client';

/** The first column of the rows of a query; numbers of any size are numbers. */
export async function ask(client: ClickHouseClient, query: string): Promise<unknown[]> {
  const result = await client.query({
    query,
    format: 'JSONCompactEachRow',
    clickhouse_settings: { output_format_json_quote_64bit_integers: 0 },
  });
  const rows: unknown[][] = await result.json();
  return rows.map(([first]) => first);
}
