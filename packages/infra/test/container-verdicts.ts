import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, type TestContext } from 'vitest';
import { z } from 'zod';
import { $ } from 'zx';
import { connectAirflow } from '../src/airflow/index.ts';
import { PrometheusClient } from '../src/components/monitoring/prometheus-client.ts';
import { docker } from '../src/docker/engine.ts';
import { readDeployment } from '../src/state/deployment-file.ts';
import { WORKSPACE } from '../src/state/workspace.ts';
import type { ContainerPlatform } from './container-platform.ts';
import { query } from './stored-table.ts';

const DAG = 'quality_report';
const TOKEN = '987654321:nobody-sees-it-in-containers';
const TELEGRAM_PORT = 8099;
const SOON = { timeout: 60_000, interval: 500 };

/** Telegram's Bot API, where a task can reach it: what it is sent is a line of JSON in a file. */
const TELEGRAM = `
import http.server, json, os

class BotApi(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        message = json.loads(self.rfile.read(int(self.headers["content-length"])))
        with open("/tmp/telegram.jsonl", "a") as file:
            file.write(json.dumps({"path": self.path, "text": message["text"]}) + "\\n")
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"ok": true}')

open("/tmp/telegram.pid", "w").write(str(os.getpid()))
http.server.HTTPServer(("127.0.0.1", ${TELEGRAM_PORT}), BotApi).serve_forever()
`;

const messageSchema = z.object({ path: z.string(), text: z.string() });

const deploymentOf = ({ runtime }: ContainerPlatform) =>
  readDeployment(join(runtime.directory, 'deployment.json'));

const verdictsSchema = z.object({
  verdicts: z.array(
    z.object({
      check: z.string(),
      status: z.string(),
      findings: z.array(z.object({ status: z.string(), subject: z.string().default('') })),
    }),
  ),
});

/** What the check `monitoring` says of a platform, and what of it was not found right. */
export async function judgeMonitoring({ runtime }: ContainerPlatform): Promise<object> {
  const program = join(WORKSPACE, 'packages/verify/src/cli.ts');
  const deployment = join(runtime.directory, 'deployment.json');
  const words = ['cluster', '--deployment', deployment, '--only', 'monitoring', '--json'];
  const options = { quiet: true, nothrow: true } as const;
  const { stdout, stderr } = await $(options)`${process.execPath} ${program} ${words}`;
  if (stdout === '') expect.fail(stderr);
  const { verdicts } = verdictsSchema.parse(JSON.parse(stdout));
  const { status, findings } =
    verdicts.find(({ check }) => check === 'monitoring') ?? expect.fail('it was not judged');
  return {
    status,
    failed: findings.flatMap((one) => (one.status === 'failed' ? one.subject : [])),
  };
}

/** A stand-in of Telegram in the worker, which `telegram_default` leads to for a test; gives what it was sent. */
async function startTelegram(
  platform: ContainerPlatform,
  onTestFinished: TestContext['onTestFinished'],
): Promise<() => Promise<z.infer<typeof messageSchema>[]>> {
  const { 'airflow-worker': worker = '' } = await platform.ids();
  const run = (...words: string[]): Promise<string> => docker(['exec', worker, ...words]);
  await docker(['exec', '--detach', worker, 'python3', '-c', TELEGRAM]);
  const airflow = connectAirflow(await deploymentOf(platform), await platform.secrets());
  onTestFinished(async () => {
    await airflow.deleteConnection('telegram_default');
    await run('sh', '-c', 'kill "$(cat /tmp/telegram.pid)"');
  });
  await airflow.putConnection({
    ...{ connection_id: 'telegram_default', conn_type: 'telegram', host: '-1001' },
    ...{ password: TOKEN, extra: JSON.stringify({ api: `http://127.0.0.1:${TELEGRAM_PORT}` }) },
  });
  return async () => {
    const lines = await run('sh', '-c', 'cat /tmp/telegram.jsonl 2>/dev/null || true');
    return lines
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => messageSchema.parse(JSON.parse(line)));
  };
}

/** Tests of a platform with one node, Airflow and monitoring, which they leave whole. */
export function testVerdicts(running: () => ContainerPlatform): void {
  test('the check of monitoring fails where an exporter does not answer', async ({ expect }) => {
    const platform = running();
    const prometheus = new PrometheusClient((await deploymentOf(platform)).monitoring?.url ?? '');
    const component = 'postgres-exporter';
    await platform.runtime.stop(component);
    const health = async (): Promise<unknown> =>
      (await prometheus.targets()).find((target) => target.component === component)?.health;
    await expect.poll(health, SOON).toBe('down');
    expect(await judgeMonitoring(platform)).toEqual({
      ...{ status: 'failed', failed: [`postgres of ${component}`] },
    });
    await platform.runtime.start(component);
    await expect.poll(health, SOON).toBe('up');
  });

  test('quality_report leaves its verdicts for Prometheus, and sends what has become wrong', async ({
    expect,
    onTestFinished,
  }) => {
    const platform = running();
    const deployment = await deploymentOf(platform);
    const airflow = connectAirflow(deployment, await platform.secrets());
    const prometheus = new PrometheusClient(deployment.monitoring?.url ?? '');
    const messages = await startTelegram(platform, onTestFinished);

    /** The state of a run of it, and what it logged. */
    const report = async (): Promise<{ state: string; log: string }> => {
      const { runId } = await airflow.trigger(DAG, {});
      const state = async () => (await airflow.run(DAG, runId)).state;
      await expect.poll(state, SOON).toMatch(/success|failed/);
      const [task = expect.fail('it has no task')] = await airflow.taskInstances(DAG, runId);
      return { state: await state(), log: await airflow.log(DAG, runId, task) };
    };
    /** The status of a check that the exporter serves. */
    const served = async (check: string): Promise<string[]> =>
      (await prometheus.query(`provehouse_check_status{check="${check}"} == 1`)).map(
        ({ labels }) => `${labels['status']} ${labels['component']}`,
      );
    const firing = async (): Promise<object[]> =>
      (await prometheus.alerts())
        .filter(({ name }) => name.startsWith('Verdict') || name === 'VerificationStale')
        .map(({ name, state, labels }) => ({ name, state, by: labels['sent_by'] }));

    const table = 'otus_default.damaged';
    expect(
      await query(
        platform,
        `CREATE TABLE ${table} ENGINE = MergeTree ORDER BY id AS SELECT 1 AS id`,
      ),
    ).toBe('');
    await expect.poll(() => airflow.dag(DAG), SOON).toMatchObject({ stale: false });
    await airflow.unpause(DAG);
    const sound = await report();
    expect(sound, sound.log).toMatchObject({ state: 'success' });
    await expect.poll(() => served('part-health'), SOON).toEqual(['passed verdict-exporter']);
    expect(await firing()).toEqual([]);
    expect(await messages()).toEqual([]);

    expect(await query(platform, `ALTER TABLE ${table} DETACH PARTITION tuple()`)).toBe('');
    const damaged = await report();
    await query(platform, `DROP TABLE ${table} SYNC`);
    expect(damaged, damaged.log).toMatchObject({ state: 'failed' });
    expect(await messages()).toEqual([
      {
        path: `/bot${TOKEN}/sendMessage`,
        text: expect.stringMatching(
          /\n• passed → failed: Parts are whole.*1 detached.*\nReport: http.*\/dags\/quality_report\//,
        ),
      },
    ]);
    const { super_user_password: password } = await platform.secrets();
    for (const secret of [TOKEN, password]) expect(damaged.log).not.toContain(secret);
    await expect.poll(() => served('part-health'), SOON).toEqual(['failed verdict-exporter']);
    await expect
      .poll(firing, SOON)
      .toEqual([{ name: 'VerdictFailed', state: 'firing', by: 'watch' }]);

    // As where nobody verifies any more: the alert goes with the file.
    const folder = join(platform.runtime.directory, 'data/verdicts');
    expect(await readdir(folder)).toEqual([`${DAG}.prom`]);
    await rm(join(folder, `${DAG}.prom`));
    await expect.poll(firing, SOON).toEqual([]);
  });
}
