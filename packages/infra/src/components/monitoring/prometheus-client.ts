import { ProvehouseError } from '@provehouse/secrets';
import { z } from 'zod';
import { fetchText } from '../../system/fetch-text.ts';

const TIMEOUT_MS = 10_000;

/** Thrown when Prometheus does not answer, or otherwise than expected. */
export class PrometheusError extends ProvehouseError {
  override readonly name = 'PrometheusError';
}

const labels = z.record(z.string(), z.string());

const targetsSchema = z.object({
  activeTargets: z.array(
    z.object({
      labels,
      /** `host:port` as the configuration has it. */
      discoveredLabels: labels,
      health: z.enum(['up', 'down', 'unknown']),
      lastError: z.string(),
    }),
  ),
});

/** What every answer of the API is wrapped in. */
const answerSchema = z
  .string()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue({ code: 'custom', message: 'expected JSON' });
      return z.NEVER;
    }
  })
  .pipe(z.object({ status: z.literal('success'), data: z.unknown() }))
  .transform(({ data }) => data);

const alertSchema = z.object({
  labels,
  annotations: labels,
  state: z.enum(['pending', 'firing', 'inactive']),
  activeAt: z.string().nullable(),
});

const rulesSchema = z.object({
  groups: z.array(
    z.object({
      name: z.string(),
      rules: z.array(
        z.object({
          name: z.string(),
          type: z.enum(['alerting', 'recording']),
          health: z.enum(['ok', 'err', 'unknown']),
          lastError: z.string().optional(),
          lastEvaluation: z.string(),
        }),
      ),
    }),
  ),
});

const vectorSchema = z.object({
  resultType: z.literal('vector'),
  result: z.array(z.object({ metric: labels, value: z.tuple([z.number(), z.string()]) })),
});

/** A figure that a query gives now. */
export interface Figure {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Something that Prometheus asks, and whether it answered last. */
export interface ScrapedTarget {
  readonly job: string;
  readonly component: string | undefined;
  readonly address: string | undefined;
  /** `unknown` before it was asked for the first time. */
  readonly health: 'up' | 'down' | 'unknown';
  /** Why it is down; empty where it is not. */
  readonly error: string;
}

/** A rule, and whether it could be evaluated. */
export interface LoadedRule {
  readonly group: string;
  readonly name: string;
  /** `unknown` before it was evaluated for the first time. */
  readonly health: 'ok' | 'err' | 'unknown';
  /** Why it could not be; empty where it could. */
  readonly error: string;
  /** When it was evaluated last, by Prometheus' clock (RFC 3339); year 1 before the first time. */
  readonly evaluatedAt: string;
}

/** Something that a rule says is wrong; it is `pending` until it has been so for as long as the rule says. */
export interface Alert {
  readonly name: string;
  readonly state: 'pending' | 'firing' | 'inactive';
  readonly labels: Readonly<Record<string, string>>;
  readonly summary: string;
}

/**
 * Prometheus' HTTP API (https://prometheus.io/docs/prometheus/latest/querying/api/). Every method throws a
 * PrometheusError when it does not answer as expected.
 */
export class PrometheusClient {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url.replace(/\/$/, '');
  }

  /** Resolves where it has read what it has stored, and serves. */
  async ready(signal?: AbortSignal): Promise<void> {
    await this.#ask('/-/ready', signal);
  }

  async version(): Promise<string> {
    const { version } = await this.#get(
      '/api/v1/status/buildinfo',
      z.object({ version: z.string() }),
    );
    return version;
  }

  async targets(): Promise<readonly ScrapedTarget[]> {
    const { activeTargets } = await this.#get('/api/v1/targets?state=active', targetsSchema);
    return activeTargets.map(({ labels: own, discoveredLabels, health, lastError: error }) => ({
      ...{ job: own['job'] ?? '', component: own['component'] },
      ...{ address: discoveredLabels['__address__'], health, error },
    }));
  }

  async rules(): Promise<readonly LoadedRule[]> {
    const { groups } = await this.#get('/api/v1/rules', rulesSchema);
    return groups.flatMap(({ name: group, rules }) =>
      rules.map(({ name, health, lastError: error = '', lastEvaluation: evaluatedAt }) => ({
        ...{ group, name, health, error, evaluatedAt },
      })),
    );
  }

  /** The alerts that are pending or firing. */
  async alerts(): Promise<readonly Alert[]> {
    const { alerts } = await this.#get(
      '/api/v1/alerts',
      z.object({ alerts: z.array(alertSchema) }),
    );
    return alerts.map(({ labels: { alertname = '', ...rest }, annotations, state }) => ({
      ...{ name: alertname, state, labels: rest, summary: annotations['summary'] ?? '' },
    }));
  }

  /** `host:port` of the Alertmanagers that it sends alerts to. */
  async alertmanagers(): Promise<readonly string[]> {
    const { activeAlertmanagers } = await this.#get(
      '/api/v1/alertmanagers',
      z.object({ activeAlertmanagers: z.array(z.object({ url: z.url() })) }),
    );
    return activeAlertmanagers.map(({ url }) => new URL(url).host);
  }

  /** What a query (https://prometheus.io/docs/prometheus/latest/querying/basics/) gives now. */
  async query(expression: string): Promise<readonly Figure[]> {
    const path = `/api/v1/query?query=${encodeURIComponent(expression)}`;
    const { result } = await this.#get(path, vectorSchema);
    return result.map(({ metric, value: [, value] }) => ({ labels: metric, value: Number(value) }));
  }

  async #get<Data extends z.ZodType>(path: string, data: Data): Promise<z.infer<Data>> {
    const answer = answerSchema.safeParse(await this.#ask(path));
    const parsed = answer.success ? data.safeParse(answer.data) : answer;
    if (parsed.success) return parsed.data as z.infer<Data>;
    throw new PrometheusError(
      `GET ${path} of Prometheus at ${this.#url} was answered in another form than expected:\n${z.prettifyError(parsed.error)}`,
    );
  }

  async #ask(path: string, signal?: AbortSignal): Promise<string> {
    const { answer, text } = await fetchText(`${this.#url}${path}`, {
      timeoutMs: TIMEOUT_MS,
      ...(signal && { signal }),
      otherwise: (why, cause) =>
        new PrometheusError(`Prometheus at ${this.#url} does not answer: ${why}.`, { cause }),
    });
    if (answer.ok) return text;
    throw new PrometheusError(
      `Prometheus at ${this.#url} answered ${path} with status ${answer.status}.`,
    );
  }
}
