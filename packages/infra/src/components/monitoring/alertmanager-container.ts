import type { Secrets } from '@provehouse/secrets';
import type { ContainerPlan } from '../../docker/container-plan.ts';
import type { ContainerFiles, ContainerSide } from '../container-side.ts';
import { monitorOf } from './account.ts';
import { chatOf, renderAlertmanager, renderLogins } from './alertmanager-config.ts';

/** Where Prometheus finds it. */
export const ALERTMANAGER_INSIDE = { host: 'alertmanager', port: 9093 };

/** Where Terraform's module puts the files of monitoring's containers. */
export const FOLDER = '/etc/provehouse';

/** Alertmanager as one container, beside that of Prometheus. */
export const alertmanagerContainer: ContainerSide = {
  isPart: ({ modules }) => modules.includes('monitoring'),
  images: ['alertmanager'],
  ports: () => [{ name: 'alertmanager', preferred: 9093 }],
  secrets: () => ['monitoring_password'],
  files,
  hasPage: (component) => component === 'alertmanager',
};

/** The name of the platform and the address of its alerts are in a file of Terraform's module, which has them. */
const NAMES = {
  platform: '{{ template "provehouse.platform" . }}',
  link: '{{ template "provehouse.alerts" . }}',
  templates: `${FOLDER}/platform.tmpl`,
};

async function files(_: ContainerPlan, secrets: Secrets): Promise<ContainerFiles> {
  const monitor = monitorOf(secrets);
  // The same file that Prometheus has.
  const password_file = `${FOLDER}/alertmanager.password`;
  return {
    'prometheus/alertmanager.yml': renderAlertmanager(chatOf(secrets), NAMES),
    'prometheus/alertmanager-web.yml': await renderLogins(monitor),
    // How amtool logs in, by which the container is asked how it is.
    'prometheus/amtool.json': JSON.stringify({
      basic_auth: { username: monitor.name, password_file },
    }),
  };
}
