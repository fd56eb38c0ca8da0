import { stringify } from 'yaml';
import type { TargetLogin } from './account.ts';
import { JOBS, type Job, type targetsOf } from './targets.ts';

/** How often each target is asked and each rule is evaluated. */
export const SCRAPE_SECONDS = 5;

export interface PrometheusSettings {
  readonly targets: ReturnType<typeof targetsOf>;
  /** File of the alert rules. */
  readonly rulesFile: string;
  /** `host:port` of the Alertmanager, where there is one. */
  readonly alertmanager?: string;
  /** Accounts that targets take, with the file of the password. */
  readonly logins: readonly {
    readonly of: TargetLogin['of'];
    readonly user: string;
    readonly passwordFile: string;
  }[];
}

/**
 * prometheus.yml; passwords are in files of their own.
 * Settings: https://prometheus.io/docs/prometheus/latest/configuration/configuration/
 */
export function renderPrometheus({
  targets,
  rulesFile,
  alertmanager,
  logins,
}: PrometheusSettings): string {
  const scraped = Map.groupBy(targets, ({ job }) => job);
  const loginAt = (of: TargetLogin['of'] | undefined) => {
    const account = logins.find((one) => one.of === of);
    return (
      account && { basic_auth: { username: account.user, password_file: account.passwordFile } }
    );
  };
  return stringify({
    global: {
      scrape_interval: `${SCRAPE_SECONDS}s`,
      scrape_timeout: `${SCRAPE_SECONDS}s`,
      evaluation_interval: `${SCRAPE_SECONDS}s`,
    },
    rule_files: [rulesFile],
    ...(alertmanager !== undefined && {
      alerting: {
        alertmanagers: [
          { ...loginAt('alertmanager'), static_configs: [{ targets: [alertmanager] }] },
        ],
      },
    }),
    scrape_configs: [...scraped].map(([name, of]) => {
      const { path, login }: Job = JOBS[name];
      return {
        job_name: name,
        metrics_path: path,
        ...loginAt(login),
        static_configs: of.map(({ address, component }) => ({
          targets: [address],
          labels: { component },
        })),
      };
    }),
  });
}
