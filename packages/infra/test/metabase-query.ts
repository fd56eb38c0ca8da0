import { z } from 'zod';
import type { Database } from './metabase-shown.ts';

const answerSchema = z.object({
  meta: z.array(z.object({ name: z.string() })),
  data: z.array(z.array(z.unknown())),
});

/** What a database answers to a statement. @throws Error with what it says */
export async function askClickHouse(
  { details: { host, port, user, password, dbname } }: Database,
  query: string,
): Promise<z.infer<typeof answerSchema>> {
  const settings = new URLSearchParams({
    ...{ database: dbname, default_format: 'JSONCompact' },
    output_format_json_quote_64bit_integers: '0',
  });
  const answer = await fetch(`http://${host}:${port}/?${settings}`, {
    ...{ method: 'POST', body: query },
    headers: { 'x-clickhouse-user': user, 'x-clickhouse-key': password },
  });
  const said = await answer.text();
  if (!answer.ok) throw new Error(said.trim());
  return answerSchema.parse(JSON.parse(said));
}
