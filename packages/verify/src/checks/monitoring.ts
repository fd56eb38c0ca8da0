import {
  PrometheusClient,
  PrometheusError,
  type Alert,
  type Deployment,
  type LoadedRule,
  type ScrapedTarget,
} from '@provehouse/infra';
import type { ClusterCheck } from '../check.ts';
import { evidence } from '../clickhouse/evidence.ts';
import { settle } from '../settle.ts';
import type { Finding } from '../verdict.ts';

type Monitoring = NonNullable<Deployment['monitoring']>;

/** Two rounds of Prometheus: a node that has just come back is down until it is asked the next time. */
const SETTLE_SECONDS = 10;

/**
 * Whether those who watch the platform see it, what they see, and whether people hear of it.
 * @param patienceSeconds how long what fails is looked at again
 */
export const monitoringWithin = (patienceSeconds: number): ClusterCheck => ({
  name: 'monitoring',
  title: 'The Prometheus of the platform sees every part, and its alerts are sent',
  scope: 'cluster',
  independentOfRun: true,
  proves:
    'Prometheus scrapes the targets that the deployment names, under those names and addresses, and each ' +
    'answers; every alert that the deployment names is loaded and evaluated. What the platform was started ' +
    'without is skipped with the reason. Alerts go to the Alertmanager ' +
    'that it names, which had no message refused in the last two minutes. The Prometheus of a platform of ' +
    'this project scrapes nothing else, and evaluates all its rules. An alert that fires is a warning: the ' +
    'check of what it is about judges that. That an alert fires when it must, the drill alert-fires proves, ' +
    'and tests of the rules; that nothing was refused does not prove that somebody has read it.',
  async run({ deployment: { monitoring: named, runtime } }) {
    const own = runtime !== 'external';
    if (named === undefined) return [withoutMonitoring(own)];
    const client = new PrometheusClient(named.url);
    return settle(patienceSeconds, () => look(client, named, own), {
      unsettled: ['failed', 'inconclusive'],
    });
  },
});

/** The check with the patience that a platform needs which has just been started. */
export const monitoring = monitoringWithin(SETTLE_SECONDS);

/** All parts of a platform of this project are in its deployment; of another it is not known. */
function withoutMonitoring(own: boolean): Finding {
  const expected = 'targets and rules of Prometheus, where there is one';
  if (own) return { status: 'passed', expected, observed: 'the platform has no Prometheus' };
  const reason = 'The deployment names no Prometheus (`monitoring`).';
  return { status: 'skipped', expected, observed: 'not known', reason };
}

/** @param own whether Prometheus is the platform's own; one of a team watches other things as well */
async function look(client: PrometheusClient, named: Monitoring, own: boolean): Promise<Finding[]> {
  const isMeant = ({ name }: { readonly name: string }) => own || named.alerts.includes(name);
  try {
    const [targets, rules, alerts] = await Promise.all([
      client.targets(),
      client.rules(),
      client.alerts(),
    ]);
    return [
      ...named.targets.map((target) => targetFinding(target, targets)),
      ...(own ? strangersFinding(named, targets) : []),
      ...(named.unscraped ?? []).map(unscrapedFinding),
      rulesFinding(named, rules.filter(isMeant)),
      alertsFinding(alerts.filter(isMeant)),
      ...(named.alertmanager ? await sendingFindings(client, named.alertmanager) : []),
    ];
  } catch (error) {
    if (!(error instanceof PrometheusError)) throw error;
    return [
      {
        ...{ status: 'failed', subject: 'prometheus', expected: `an answer from ${named.url}` },
        observed: error.message,
        reason: 'Look at its log: infra:logs prometheus.',
      },
    ];
  }
}

type Target = Monitoring['targets'][number];

const isTarget = (target: Target) => (scraped: ScrapedTarget) =>
  scraped.job === target.job &&
  scraped.component === target.component &&
  scraped.address === target.address;

function targetFinding(target: Target, scraped: readonly ScrapedTarget[]): Finding {
  const { job, component, address } = target;
  const about = {
    subject: `${job} of ${component}`,
    expected: `a target at ${address} that answers`,
  };
  const found = scraped.find(isTarget(target));
  if (found === undefined) {
    return {
      ...{ ...about, status: 'failed', observed: 'not scraped' },
      reason: `Add it to Prometheus' configuration, with the label component="${component}".`,
    };
  }
  if (found.health === 'unknown') {
    const reason = 'Prometheus has not asked it yet: run the check again.';
    return { ...about, status: 'inconclusive', observed: 'not asked yet', reason };
  }
  if (found.health === 'up') return { ...about, status: 'passed', observed: 'it answers' };
  return {
    ...{ ...about, status: 'failed', observed: found.error },
    reason: `Look at its state and log: infra:status, infra:logs ${component}.`,
  };
}

/** What the platform was started without: nobody can say how it is. */
const unscrapedFinding = ({
  job,
  reason,
}: NonNullable<Monitoring['unscraped']>[number]): Finding => ({
  ...{ status: 'skipped', subject: job, expected: 'a target that answers' },
  ...{ observed: 'not scraped', reason },
});

/** What Prometheus asks besides, if anything: nobody knows whether that is meant. */
function strangersFinding(named: Monitoring, scraped: readonly ScrapedTarget[]): Finding[] {
  const strangers = scraped.filter((one) => !named.targets.some((target) => isTarget(target)(one)));
  if (strangers.length === 0) return [];
  return [
    {
      ...{ status: 'failed', subject: 'other targets' },
      expected: 'no targets but those that the deployment names',
      observed: strangers.map(({ job, address = '' }) => `${job} ${address}`).join(', '),
      reason: 'Remove them from Prometheus, or name them in the deployment (`monitoring.targets`).',
    },
  ];
}

function rulesFinding(named: Monitoring, rules: readonly LoadedRule[]): Finding {
  const missing = named.alerts.filter((alert) => !rules.some(({ name }) => name === alert));
  const ill = rules.filter(({ health }) => health === 'err');
  const waiting = rules.filter(({ health }) => health === 'unknown').length;
  const about = {
    subject: 'rules',
    expected: `${named.alerts.length} alerts that are evaluated`,
    evidence: [
      evidence(
        'Rules',
        rules.map(({ group, name, health, error }) => ({ group, name, health, error })),
      ),
    ],
  };
  const faults = [
    ...missing.map((name) => `${name} is not loaded`),
    ...ill.map(({ name, error }) => `${name} is not evaluated: ${error}`),
  ];
  if (faults.length > 0) {
    return {
      ...{ ...about, status: 'failed', observed: faults.join('; ') },
      reason: 'Correct the file of rules and check it by promtool check rules.',
    };
  }
  if (waiting > 0) {
    const reason = 'Prometheus has not evaluated all rules yet: run the check again.';
    return {
      ...{ ...about, status: 'inconclusive', observed: `${waiting} not evaluated yet` },
      reason,
    };
  }
  return { ...about, status: 'passed', observed: `${rules.length} rules are evaluated` };
}

/** Of messages that were refused longer ago nobody needs to know now: they were sent again. */
const REFUSED = 'sum by (integration) (increase(alertmanager_notifications_failed_total[2m])) > 0';

/** Whether alerts get as far as those who are to hear of them. */
async function sendingFindings(
  client: PrometheusClient,
  { url, sendsTo, inside }: NonNullable<Monitoring['alertmanager']>,
): Promise<Finding[]> {
  const [alertmanagers, refused] = await Promise.all([
    client.alertmanagers(),
    client.query(REFUSED),
  ]);
  const host = inside ? `${inside.host}:${inside.port}` : new URL(url).host;
  const sent = alertmanagers.includes(host);
  const about = { subject: 'messages', expected: 'none that was refused in the last two minutes' };
  const nobody =
    'The secrets have no telegram_bot_token and telegram_chat_id, or that is no number.';
  const by = refused.map(({ labels }) => labels['integration'] ?? 'an unknown way');
  return [
    {
      ...{ subject: 'alertmanager', expected: `alerts are sent to ${host}` },
      status: sent ? 'passed' : 'failed',
      observed: `they are sent to ${alertmanagers.join(', ') || 'nobody'}`,
      ...(!sent && { reason: "Name it in Prometheus' configuration (alerting.alertmanagers)." }),
    },
    by.length > 0
      ? {
          ...{ ...about, status: 'failed', observed: `some to ${by.join(', ')} were refused` },
          reason: 'The reason is in the log of the Alertmanager: infra:logs alertmanager.',
        }
      : {
          ...about,
          ...(sendsTo.length > 0
            ? { status: 'passed', observed: `none to ${sendsTo.join(', ')}` }
            : { status: 'skipped', observed: 'alerts are sent to nobody', reason: nobody }),
        },
  ];
}

function alertsFinding(alerts: readonly Alert[]): Finding {
  const firing = alerts.filter(({ state }) => state === 'firing');
  const about = { subject: 'alerts', expected: 'no alert fires' };
  if (firing.length === 0) {
    const pending = alerts.map(({ name }) => name).join(', ');
    return {
      ...{ ...about, status: 'passed' },
      observed: pending === '' ? 'none' : `none; pending: ${pending}`,
    };
  }
  return {
    ...{ ...about, status: 'warned' },
    observed: firing.map(({ name, summary }) => `${name}: ${summary}`).join(' '),
    reason: 'The annotation `action` of the alert says what to do.',
  };
}
