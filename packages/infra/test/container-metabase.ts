import { join } from 'node:path';
import { expect, test } from 'vitest';
import { metabaseAdmin } from '../src/components/metabase/account.ts';
import { MetabaseClient } from '../src/components/metabase/metabase-client.ts';
import { readDeployment } from '../src/state/deployment-file.ts';
import { ask } from './ask.ts';
import type { ContainerPlatform } from './container-platform.ts';
import { sayNotTested } from './say-not-tested.ts';

/** A test of Metabase on a platform that was asked for it, and has the table of the demo. */
export function testMetabase(running: () => ContainerPlatform): void {
  test('Metabase shows what ClickHouse answers; without its image there is the reason', async ({
    skip,
  }) => {
    const { runtime, secrets: ofPlatform } = running();
    const deployment = await readDeployment(join(runtime.directory, 'deployment.json'));
    const { metabase, leftOut } = deployment;
    if (metabase === undefined) {
      const reason = leftOut?.['metabase'] ?? '';
      expect(reason).toMatch(/metabase\/metabase:.*--image metabase=REFERENCE/);
      sayNotTested('Metabase', reason);
      skip(reason);
      return;
    }
    const secrets = await ofPlatform();
    await using client = new MetabaseClient(metabase.url, metabaseAdmin(secrets));
    const questions = (await client.questions(metabase.dashboard)) ?? [];
    const reader = { user: secrets.bi_user_name, password: secrets.bi_user_password };
    for (const { name, sql } of metabase.charts) {
      const question = questions.find((one) => one.name === name);
      const { rows } = await client.answer(question?.id ?? 0, { force: true });
      const settings = 'SETTINGS output_format_json_quote_64bit_integers = 0';
      const { httpPort } = deployment.clickhouse.nodes[0]!;
      const answer = await ask(httpPort, reader, `${sql} ${settings} FORMAT JSONEachRow`);
      const lines = answer.split('\n').map((line) => JSON.parse(line) as object);
      expect(rows, name).toEqual(lines);
    }
  });
}
