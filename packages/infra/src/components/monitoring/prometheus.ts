import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { NativeProcess } from '../../native/component.ts';
import type { NativeContext } from '../native-side.ts';
import { ALERTS_FILE } from './alert-rules.ts';
import {
  fileOf,
  loginsOfPlatform,
  passwordFileOf,
  placesOf,
  PROMETHEUS_CONFIG,
  urlOf,
} from './places.ts';
import { programsIn, shareOf } from './programs.ts';
import { PrometheusClient } from './prometheus-client.ts';
import { renderPrometheus } from './prometheus-config.ts';
import { targetsOf } from './targets.ts';

const RULES = 'alerts.yml';

/** What is kept: whichever limit is reached first. */
const RETENTION = ['--storage.tsdb.retention.time=7d', '--storage.tsdb.retention.size=512MB'];

/**
 * How long an alert that Alertmanager has not received waits until it is sent again: alerts that begin
 * while Prometheus has not found its Alertmanager yet, as after a start or a reload, are dropped. Its own
 * minute would make the message a minute late. Four times this without Prometheus ends an alert.
 */
const RESEND_SECONDS = 15;

/** prometheus.yml of a platform. */
export const prometheusConfigOf = (context: NativeContext): string =>
  renderPrometheus({
    targets: targetsOf(placesOf(context.plan)),
    rulesFile: fileOf(context, RULES),
    alertmanager: new URL(urlOf(context.plan, 'alertmanager')).host,
    logins: loginsOfPlatform(context).map(({ of, user }) => ({
      ...{ of, user, passwordFile: passwordFileOf(context, { of }) },
    })),
  });

/** What asks the parts of the platform, and evaluates the rules. */
export function prometheusProcess(context: NativeContext): NativeProcess {
  const { folder, plan } = context;
  const { prometheus } = programsIn(plan.modules.monitoring ?? []);
  const share = shareOf(prometheus);
  const configFile = join(folder.config, PROMETHEUS_CONFIG);
  const dataFolder = join(folder.data, 'prometheus');
  const url = urlOf(plan, 'prometheus');
  const client = new PrometheusClient(url);
  return {
    name: 'prometheus',
    command: [
      prometheus,
      // An option of Debian's: its pages are not in the program.
      ...(share === undefined ? [] : [`--web.local-assets=${join(share, 'prometheus/web')}`]),
      `--config.file=${configFile}`,
      `--storage.tsdb.path=${dataFolder}`,
      ...RETENTION,
      `--rules.alert.resend-delay=${RESEND_SECONDS}s`,
      `--web.listen-address=${new URL(url).host}`,
      // Otherwise every page in a browser of this machine may read it.
      `--web.cors.origin=${url.replaceAll('.', '\\.')}`,
    ],
    address: new URL(url).host,
    url,
    budgetSeconds: 60,
    async prepare() {
      await mkdir(dirname(configFile), { recursive: true });
      await mkdir(dataFolder, { recursive: true });
      await copyFile(ALERTS_FILE, fileOf(context, RULES));
      await writeFile(configFile, prometheusConfigOf(context), { mode: 0o600 });
      for (const { of, password } of loginsOfPlatform(context)) {
        await writeFile(passwordFileOf(context, { of }), password, { mode: 0o600 });
      }
    },
    probe: (signal) => client.ready(signal),
  };
}
