import type { RunlessCheck } from '../check.ts';
import { LOCK_FILE, readLockedPackages } from '../airflow/locked-packages.ts';
import { evidence } from '../clickhouse/evidence.ts';
import type { Finding } from '../verdict.ts';

/** The running Airflow is the one that was locked. */
export const airflowVersions: RunlessCheck = {
  name: 'airflow-versions',
  title: 'Airflow and its providers run in the versions of the lock',
  scope: 'platform',
  independentOfRun: true,
  proves:
    'The API server answers with the version that the deployment names, and Airflow and each of its ' +
    'provider packages have the version of the lock file that this project’s Airflow is installed from. ' +
    'In containers the providers are those of the image, where another version warns. Workers are not ' +
    'asked; Flower does not report its version.',
  async run({ airflow, deployment }) {
    const observed = await airflow.version();
    const said = deployment.airflow?.version ?? 'none';
    const named = { subject: 'deployment', expected: said, observed };
    const first: Finding = { ...named, status: observed === said ? 'passed' : 'failed' };
    if (deployment.runtime === 'external') {
      const reason = 'This Airflow is not installed from the lock file of this project.';
      const expected = 'the versions of a lock';
      return [first, { status: 'skipped', subject: 'lock', expected, observed: 'none', reason }];
    }
    const locked = await readLockedPackages(LOCK_FILE);
    const running = [
      { name: 'apache-airflow', version: observed },
      ...(await airflow.providers()),
    ].map(({ name, version }) => ({ package: name, locked: locked.get(name) ?? 'none', version }));
    return [first, judge(running, deployment.runtime === 'docker')];
  },
};

interface Running extends Record<string, string> {
  readonly package: string;
  readonly locked: string;
  readonly version: string;
}

function judge(running: readonly Running[], inImage: boolean): Finding {
  const wrong = running.filter(({ locked, version }) => locked !== version);
  const ofImage = inImage && wrong.every((one) => one.package !== 'apache-airflow');
  return {
    status: wrong.length === 0 ? 'passed' : ofImage ? 'warned' : 'failed',
    subject: 'lock',
    expected: `${running.length} packages in the versions of the lock`,
    observed:
      wrong.length === 0
        ? 'they are'
        : wrong
            .map(({ package: name, locked, version }) => `${name}: ${version}, locked ${locked}`)
            .join('; '),
    ...(wrong.length > 0 && {
      reason: inImage
        ? 'The image brings its own versions: build one from the lock, or lock those that it has.'
        : 'Install what the lock says (uv sync --frozen), and start Airflow again.',
    }),
    evidence: [evidence('Airflow and its providers', running)],
  };
}
