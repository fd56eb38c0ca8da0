import type { Secrets } from '@provehouse/secrets';
import { z } from 'zod';
import type { ContainerPlan } from '../../docker/container-plan.ts';
import type { Deployment } from '../../state/deployment.ts';
import { PlatformStateError } from '../../state/state-error.ts';
import { fetchText } from '../../system/fetch-text.ts';
import { portOf } from '../../system/ports.ts';
import type { ContainerSide } from '../container-side.ts';
import { grafanaProvisioning } from './grafana-provisioning.ts';

/** Grafana as one container, beside Prometheus; nothing else needs it. */
export const grafanaContainer: ContainerSide = {
  isPart: ({ modules }) => modules.includes('monitoring'),
  images: ['grafana'],
  dispensable: true,
  ports: () => [{ name: 'grafana', preferred: 3000 }],
  files: async (_, secrets) => ({
    'grafana/admin.user': secrets.grafana_admin_username,
    'grafana/admin.password': secrets.grafana_admin_password,
    'grafana/admin.email': secrets.grafana_admin_email,
    ...(await grafanaProvisioning()),
  }),
  // Terraform has it with the module unless it is said that it must not.
  variables: (plan) =>
    plan.modules.includes('monitoring') && !isThere(plan) ? { enable_grafana: false } : {},
  hasPage: (component) => component === 'grafana',
};

type Part = Pick<ContainerPlan, 'ports' | 'unavailable'>;

/** Whether a platform with monitoring has it: it may be left out, and plans of before have no port for it. */
const isThere = ({ ports, unavailable }: Part): boolean =>
  ports['grafana'] !== undefined && unavailable?.['grafana'] === undefined;

/** What Grafana says to everybody. */
const healthSchema = z.object({ version: z.string().min(1) });

/**
 * What the deployment says of Grafana, where the platform has it.
 * @throws PlatformStateError where it does not say its version
 */
export async function describeGrafana(
  plan: Part,
  secrets: Secrets,
): Promise<Pick<NonNullable<Deployment['monitoring']>, 'grafana'>> {
  if (!isThere(plan)) return {};
  const url = `http://127.0.0.1:${portOf(plan, 'grafana')}`;
  const otherwise = (why: string, cause: unknown) =>
    new PlatformStateError(
      `Expected Grafana's version at ${url}/api/health, found ${why}. Look at its log: infra:logs grafana.`,
      { cause },
    );
  const { text } = await fetchText(`${url}/api/health`, { timeoutMs: 10_000, otherwise });
  try {
    const { version } = healthSchema.parse(JSON.parse(text));
    return { grafana: { url, version, user: secrets.grafana_admin_username } };
  } catch (cause) {
    throw otherwise(text.slice(0, 200), cause);
  }
}
