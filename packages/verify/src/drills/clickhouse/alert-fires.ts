import { PrometheusClient, PrometheusError, type Alert } from '@provehouse/infra';
import type { Finding } from '../../verdict.ts';
import { whyNoPeer, withOneReplicaAway } from '../capable.ts';
import { comesTrue, hasEnded, provenStates } from '../component-state.ts';
import type { WritesDrill } from '../drill.ts';

/** How soon people must hear of a node that is down, and that it is back. */
const SEEN_SECONDS = 60;
const ALERT = 'NodeDown';
/** How often the rule is evaluated with the node known to be down before it counts as blind. */
const EVALUATIONS = 2;

/** A node that is stopped while somebody is to hear of it. */
export const alertFires: WritesDrill = {
  name: 'alert-fires',
  title: 'A stopped replica is seen as an alert',
  proves: `Prometheus has the alert ${ALERT} on a node within ${SEEN_SECONDS} s of its stop and on no other, and has it no more within ${SEEN_SECONDS} s of its return.`,
  doesNotProve:
    'That somebody gets a message of it: the check monitoring says whether any was refused.',
  workload: 'writes',
  guarantee: 'single',
  holdSeconds: 3,
  recoverySeconds: 45,
  unavailable: (target) =>
    Promise.resolve(
      target.deployment.monitoring === undefined
        ? 'the platform has no monitoring: start one with infra:up --with monitoring'
        : whyNoPeer(target),
    ),
  writes: withOneReplicaAway,
  fault({ runtime, deployment: { monitoring } }, { node }) {
    const client = new PrometheusClient(monitoring?.url ?? '');
    const firing = async (): Promise<Alert[]> =>
      (await client.alerts()).filter(({ name, state }) => name === ALERT && state === 'firing');
    let stopped = 0;
    return Promise.resolve({
      undo: [{ kind: 'start', component: node }],
      async prepare() {
        if (await comesTrue(SEEN_SECONDS, async () => (await firing()).length === 0)) return;
        throw new PrometheusError(
          `Expected no alert ${ALERT} before the drill, found one for more than ${SEEN_SECONDS} s: the check monitoring says why.`,
        );
      },
      inject() {
        stopped = performance.now();
        return runtime.stop(node);
      },
      prove: () => provenStates(runtime, [node], hasEnded, `${node} has ended`),
      async during() {
        let found: Alert[] = [];
        let overlooked = false;
        const evaluations = new Set<string>();
        const left = SEEN_SECONDS - secondsSince(stopped);
        await comesTrue(left, async () => {
          found = await firing();
          overlooked = await isOverlooked(client, node, evaluations);
          return found.length > 0 || overlooked;
        });
        return [firedFinding(node, secondsSince(stopped), found, overlooked)];
      },
      async recovered() {
        const begin = performance.now();
        const gone = await comesTrue(SEEN_SECONDS, async () => (await firing()).length === 0);
        return [
          {
            ...{ status: gone ? 'passed' : 'failed', subject: 'the alert after the return', node },
            expected: `none ${SEEN_SECONDS} s after the recovery`,
            observed: gone
              ? `none after ${secondsSince(begin).toFixed(1)} s`
              : `it still fires after ${SEEN_SECONDS} s`,
          } as const,
        ];
      },
    });
  },
};

const secondsSince = (begin: number): number => (performance.now() - begin) / 1000;

/**
 * Whether Prometheus has found a node down and the rule, evaluated again since, does not know of it: then
 * no alert will come.
 * @param evaluations when the rule was evaluated while that was so; kept from one question to the next
 */
async function isOverlooked(
  client: PrometheusClient,
  node: string,
  evaluations: Set<string>,
): Promise<boolean> {
  const [targets, rules, alerts] = await Promise.all([
    client.targets(),
    client.rules(),
    client.alerts(),
  ]);
  const isDown = targets.some(
    ({ job, component, health }) => job === 'clickhouse' && component === node && health === 'down',
  );
  const isKnown = alerts.some(({ name, labels }) => name === ALERT && labels['component'] === node);
  if (!isDown || isKnown) evaluations.clear();
  else evaluations.add(rules.find(({ name }) => name === ALERT)?.evaluatedAt ?? 'never');
  return evaluations.size > EVALUATIONS;
}

function firedFinding(
  node: string,
  seconds: number,
  found: readonly Alert[],
  overlooked: boolean,
): Finding {
  const of = found.map(({ labels }) => labels['component'] ?? 'a target without a name');
  const right = of.length === 1 && of[0] === node;
  const none = overlooked
    ? `no alert: the rule was evaluated ${EVALUATIONS} times since Prometheus found the node down, and does not know of it`
    : `no alert after ${SEEN_SECONDS} s`;
  return {
    ...{ status: right ? 'passed' : 'failed', subject: 'the alert while it lasted', node },
    expected: `${ALERT} on ${node} alone, within ${SEEN_SECONDS} s of its stop`,
    observed:
      found.length === 0 ? none : `${ALERT} on ${of.join(', ')} after ${seconds.toFixed(1)} s`,
    ...(!right && { reason: 'Look at the targets and rules of Prometheus: the check monitoring.' }),
  };
}
