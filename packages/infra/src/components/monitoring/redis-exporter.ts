import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { NativeProcess } from '../../native/component.ts';
import { TASK_QUEUE } from '../../services/valkey.ts';
import { portOf } from '../../system/ports.ts';
import type { NativeContext } from '../native-side.ts';
import { monitorOf } from './account.ts';
import { askPage } from './ask-page.ts';
import { fileOf, urlOf } from './places.ts';
import { programsIn } from './programs.ts';

/** What serves how Valkey is, and how many of Celery's tasks wait in it. */
export function redisExporter(context: NativeContext): NativeProcess {
  const { plan, secrets } = context;
  const url = urlOf(plan, 'redis-exporter');
  const valkey = `127.0.0.1:${portOf(plan, 'redis')}`;
  const passwordFile = fileOf(context, 'redis-passwords.json');
  const { name: user, password } = monitorOf(secrets);
  return {
    name: 'redis-exporter',
    command: [
      'env',
      // Otherwise whoever finds its port has it ask servers elsewhere; 1.45 does not know the setting.
      'REDIS_EXPORTER_DISABLE_SCRAPE_ENDPOINT=true',
      // Nor this one: its account may not ask for histograms.
      'REDIS_EXPORTER_EXCLUDE_LATENCY_HISTOGRAM_METRICS=true',
      programsIn(plan.modules.monitoring ?? []).redis,
      `--redis.addr=redis://${valkey}`,
      `--redis.user=${user}`,
      // REDIS_PASSWORD of the shell that started the platform would go before the file.
      '--redis.password=',
      `--redis.password-file=${passwordFile}`,
      `--check-single-keys=${TASK_QUEUE}`,
      // What its account may not do.
      ...['--set-client-name=false', '--config-command=-'],
      // It tries twice within the time of a scrape.
      '--connection-timeout=2s',
      `--web.listen-address=${new URL(url).host}`,
    ],
    address: new URL(url).host,
    url: `${url}/metrics`,
    budgetSeconds: 60,
    after: ['redis'],
    async prepare() {
      await mkdir(dirname(passwordFile), { recursive: true });
      await writeFile(passwordFile, redisPasswords(valkey, { name: user, password }), {
        mode: 0o600,
      });
    },
    probe: (signal) => askPage(`${url}/health`, { signal }),
  };
}

/**
 * The file of its passwords: one for this server alone.
 * @param valkey `host:port` of the server
 */
export function redisPasswords(
  valkey: string,
  { name, password }: ReturnType<typeof monitorOf>,
): string {
  // Versions differ in whether the account is part of the server's name.
  return JSON.stringify({
    [`redis://${valkey}`]: password,
    [`redis://${name}@${valkey}`]: password,
  });
}
