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

/** Whether those who watch the platform see it, and what they see. */
export const monitoring: ClusterCheck = {
  name: 'monitoring',
  title: 'The Prometheus of the platform sees every part, and its rules are evaluated',
  scope: 'cluster',
  independentOfRun: true,
  proves:
    'Prometheus scrapes the targets that the deployment names, under those names and addresses, and each ' +
    'answers; every alert that the deployment names is loaded and evaluated. That of a platform of this ' +
    'project scrapes nothing else, and evaluates all its rules. An alert that fires is a warning: the check ' +
    'of what it is about judges that. That an alert fires when it must, the drill alert-fires proves, and ' +
    'tests of the rules.',
  async run({ deployment: { monitoring: named, runtime } }) {
    const own = runtime !== 'external';
    if (named === undefined) return [withoutMonitoring(own)];
    const client = new PrometheusClient(named.url);
    return settle(SETTLE_SECONDS, () => look(client, named, own), {
      unsettled: ['failed', 'inconclusive'],
    });
  },
};

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
      rulesFinding(named, rules.filter(isMeant)),
      alertsFinding(alerts.filter(isMeant)),
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
