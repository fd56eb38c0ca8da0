import { mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { NativeProcess } from '../../native/component.ts';
import { nativeNodes } from '../clickhouse/nodes.ts';
import type { NativeContext } from '../native-side.ts';
import { monitorOf } from './account.ts';
import { chatOf, renderAlertmanager, renderLogins, REPEAT_HOURS } from './alertmanager-config.ts';
import { askPage } from './ask-page.ts';
import { ALERTMANAGER_CONFIG, fileOf, urlOf } from './places.ts';
import { programsIn, shareOf } from './programs.ts';

/** How it is started: Debian's build, and the token that it would log, take more than its command. */
const SCRIPT = join(import.meta.dirname, 'alertmanager.sh');

/** Its own user namespace, in which it may mount. */
const OWN_MOUNTS = ['unshare', '--user', '--map-root-user', '--mount'];

const WEB_CONFIG = 'alertmanager-web.yml';

/** alertmanager.yml of a platform. */
export const alertmanagerConfigOf = ({ folder, plan, secrets }: NativeContext): string =>
  renderAlertmanager(chatOf(secrets), {
    platform: basename(folder.root),
    link: `${urlOf(plan, 'prometheus')}/alerts`,
  });

/** What sends alerts to people. */
export function alertmanagerProcess(context: NativeContext): NativeProcess {
  const { folder, plan, secrets } = context;
  const { alertmanager } = programsIn(plan.modules.monitoring ?? []);
  const share = shareOf(alertmanager);
  const url = urlOf(plan, 'alertmanager');
  const configFile = join(folder.config, ALERTMANAGER_CONFIG);
  const webFile = fileOf(context, WEB_CONFIG);
  const dataFolder = join(folder.data, 'alertmanager');
  const monitor = monitorOf(secrets);
  return {
    name: 'alertmanager',
    command: [
      ...(share === undefined ? [] : OWN_MOUNTS),
      ...['bash', SCRIPT, share ?? '', alertmanager],
      // An option of Debian's; its page says that there is none.
      ...(share === undefined
        ? []
        : [`--web.ui-path=${join(share, 'prometheus/alertmanager/no-ui')}`]),
      `--config.file=${configFile}`,
      `--web.config.file=${webFile}`,
      `--storage.path=${dataFolder}`,
      // What was sent is remembered until it is sent again.
      `--data.retention=${REPEAT_HOURS}h`,
      `--web.listen-address=${new URL(url).host}`,
      '--cluster.listen-address=',
    ],
    address: new URL(url).host,
    url,
    budgetSeconds: 60,
    // What is down because it is still starting is nobody's concern.
    after: [
      ...nativeNodes(plan).map(({ name }) => name),
      ...(plan.airflow ? ['airflow-flower', 'airflow-worker'] : []),
    ],
    async prepare() {
      const chat = chatOf(secrets);
      if ('why' in chat) context.message(`Alerts are sent to nobody: ${chat.why}.`);
      await mkdir(dirname(configFile), { recursive: true });
      await mkdir(dataFolder, { recursive: true });
      await writeFile(configFile, alertmanagerConfigOf(context), { mode: 0o600 });
      await writeFile(webFile, await renderLogins(monitor), { mode: 0o600 });
    },
    probe: (signal) =>
      askPage(`${url}/-/ready`, {
        signal,
        headers: { authorization: `Basic ${btoa(`${monitor.name}:${monitor.password}`)}` },
      }),
  };
}
