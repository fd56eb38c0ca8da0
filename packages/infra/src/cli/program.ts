import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Command } from 'commander';
import {
  givenPath,
  reportError,
  withPlatformOptions,
  type PlatformOptions,
} from '@provehouse/secrets';
import {
  runtimeOfExisting,
  runtimeSetting,
  runtimesWithTraces,
  runtimeToStart,
  type RuntimeName,
} from './choose-runtime.ts';
import type { Deployment } from '../state/deployment.ts';
import { readDeployment } from '../state/deployment-file.ts';
import { describeCapabilities } from '../clickhouse/describe-capabilities.ts';
import { exists } from '../system/exists.ts';
import { PlatformStateError } from '../state/state-error.ts';
import { WORKSPACE } from '../state/workspace.ts';
import { COMPONENTS } from '../components/index.ts';
import { filesToRender, renderContainers } from '../docker/render-containers.ts';
import { addBackupCommands } from './backup-commands.ts';
import { showProgress } from './progress.ts';
import { hiddenSecrets, renderConfiguration } from './render.ts';
import { silent, type Runtime } from '../runtime.ts';
import { interruption } from '../system/interruption.ts';
import { wholeNumber } from '../system/whole-number.ts';
import { renderStatus } from './status-table.ts';
import { upOptions, wanted, type UpFlags } from './up-flags.ts';

const runtimeOf = (flags: PlatformOptions): Promise<Runtime> =>
  runtimeOfExisting(flags, runtimeSetting(process.env));

const program = new Command('infra')
  .description('Starts, shows and stops a data platform.')
  .exitOverride();

/** Where Prometheus is, who hears of alerts, what it does not see, and where Grafana is. */
function monitoringLines(monitoring: NonNullable<Deployment['monitoring']>): string[] {
  const { version, url, alertmanager, grafana, unscraped = [] } = monitoring;
  const heard = alertmanager?.sendsTo.join(', ') || 'nobody';
  const blind = unscraped.map(({ job }) => `; not scraped: ${job}`).join('');
  return [
    `  Prometheus ${version}: ${url}; alerts go to ${heard}${blind}`,
    ...(grafana ? [`  Grafana ${grafana.version}: ${grafana.url} (user ${grafana.user})`] : []),
  ];
}

/** A command with the options that say which platform is meant. */
const command = (usage: string, description: string): Command =>
  withPlatformOptions(program.command(usage).description(description));

wanted(command('up', 'Start what does not run and wait until every part answers.')).action(
  async (flags: UpFlags) => {
    const signal = interruption();
    const begin = Date.now();
    using progress = showProgress(process.stderr);
    const runtime = await runtimeToStart(flags, flags.runtime ?? runtimeSetting(process.env));
    const deployment = await runtime.up(upOptions(flags, progress, signal));
    const { clickhouse, airflow, kafka, storage, api, monitoring, superset, metabase } = deployment;
    const lines = [
      `${deployment.name} is up after ${((Date.now() - begin) / 1000).toFixed(1)} s.`,
      `  ClickHouse ${clickhouse.version}: ${clickhouse.nodes.map(({ name, httpPort }) => `${name} :${httpPort}`).join(', ')}`,
      `  It can: ${describeCapabilities(clickhouse.capabilities)}`,
      ...(clickhouse.replicationNote === undefined
        ? []
        : [`  Replication: ${clickhouse.replicationNote}`]),
      ...(airflow
        ? [
            `  Airflow ${airflow.version}: ${airflow.url} (user ${airflow.user})`,
            `  Flower ${airflow.flower.version}: ${airflow.flower.url} (user ${airflow.flower.user})`,
          ]
        : []),
      ...(kafka ? [`  Kafka: ${kafka.host}:${kafka.port} (user ${kafka.user})`] : []),
      ...(api ? [`  API: http://${api.host}:${api.port}`] : []),
      ...(storage
        ? [
            `  Storage: ${storage.endpoint}, bucket ${storage.bucket}${storage.prefix === undefined ? '' : `/${storage.prefix}`} (user ${storage.user})`,
          ]
        : []),
      ...(monitoring ? monitoringLines(monitoring) : []),
      ...(superset
        ? [
            `  Superset ${superset.version}: ${superset.url}/superset/dashboard/${superset.dashboard}/ (user ${superset.user})`,
          ]
        : []),
      ...(metabase
        ? [
            `  Metabase ${metabase.version}: ${metabase.url}/dashboard/${metabase.dashboard} (user ${metabase.user})`,
          ]
        : []),
      `  Passwords: ${deployment.secretsFile}`,
    ];
    process.stdout.write(`${lines.join('\n')}\n`);
  },
);

wanted(command('plan', 'Show what up would change; containers only.')).action(
  async (flags: UpFlags) => {
    using progress = showProgress(process.stderr);
    const runtime = await runtimeToStart(flags, flags.runtime ?? runtimeSetting(process.env));
    if (runtime.plan === undefined) {
      throw new PlatformStateError(
        'Expected --runtime docker: only containers are planned ahead. `infra:render` shows the native configuration.',
      );
    }
    const color = process.stdout.isTTY && process.env['NO_COLOR'] === undefined;
    process.stdout.write(await runtime.plan(upOptions(flags, progress, interruption()), color));
  },
);

command('down', 'Stop the platform and leave no process, port or temporary file.')
  .option('--purge', 'remove its data, logs and results as well', false)
  .action(async (flags: PlatformOptions & { purge: boolean }) => {
    using progress = showProgress(process.stderr);
    for (const runtime of await runtimesWithTraces(flags)) {
      await runtime.down({ purge: flags.purge, progress });
    }
    process.stdout.write(`${flags.name} is down${flags.purge ? '; its data is removed' : ''}.\n`);
  });

command('status', 'Show every component; exit code 1 when one is not ready.')
  .option('--json', 'print JSON', false)
  .action(async (flags: PlatformOptions & { json: boolean }) => {
    const runtime = await runtimeOf(flags);
    const statuses = await runtime.status();
    if (flags.json) process.stdout.write(`${JSON.stringify(statuses, null, 2)}\n`);
    else if (statuses.length === 0) process.stdout.write(`${flags.name} does not run.\n`);
    else {
      const table = renderStatus(statuses, await runtime.leftOut?.());
      process.stdout.write(`${table}${await replicationLine(runtime)}`);
    }
    process.exitCode = statuses.length > 0 && statuses.every((s) => s.state === 'ready') ? 0 : 1;
  });

/** How replicas get the same rows, as a line; nothing while the platform has no deployment. */
async function replicationLine({ directory }: Runtime): Promise<string> {
  const file = join(directory, 'deployment.json');
  const note = (await exists(file))
    ? (await readDeployment(file)).clickhouse.replicationNote
    : undefined;
  return note === undefined ? '' : `Replication: ${note}\n`;
}

command('logs <component>', "Print a component's log.")
  .option('-f, --follow', 'go on as it grows', false)
  .option('-n, --lines <count>', 'how many lines from the end', wholeNumber, 100)
  .action(
    async (component: string, flags: PlatformOptions & { follow: boolean; lines: number }) => {
      const runtime = await runtimeOf(flags);
      const [program = '', ...words] = await runtime.logCommand(component, flags);
      const tail = spawn(program, words, { stdio: 'inherit' });
      const [code] = await once(tail, 'exit');
      process.exitCode = Number(code ?? 0);
    },
  );

command(
  'restart [components...]',
  'Restart the named components, or everything; the data stays.',
).action(async (components: string[], flags: PlatformOptions) => {
  using progress = showProgress(process.stderr);
  const runtime = await runtimeOf(flags);
  if (components.length === 0) {
    await runtime.restartAll(progress);
  } else {
    await Promise.all(components.map((component) => runtime.restart(component)));
  }
  process.stdout.write(`Restarted ${components.join(', ') || flags.name}.\n`);
});

wanted(command('render', 'Print the configuration that up would write, names for secrets.'))
  .option(
    '--output <folder>',
    'write it for Terraform there, secrets included (--runtime docker)',
    (folder) => givenPath(folder),
  )
  .action(async (flags: UpFlags & { output?: string }) => {
    const runtime = flags.runtime ?? runtimeSetting(process.env) ?? 'native';
    const { output } = flags;
    if (output === undefined) return printConfiguration(flags, runtime);
    if (runtime !== 'docker') {
      throw new PlatformStateError(
        '--output: expected --runtime docker with it, because only containers are given files by Terraform; found native.',
      );
    }
    using progress = showProgress(process.stderr);
    const options = upOptions(flags, progress, interruption());
    const { config, variables } = await renderContainers({
      ...flags,
      descriptors: COMPONENTS,
      options,
      output,
    });
    process.stdout.write(
      `Rendered ${config} (passwords: keep it private) and ${variables}.\nNow, in ${output}: terraform init, terraform apply.\n`,
    );
  });

async function printConfiguration(flags: UpFlags, runtime: RuntimeName): Promise<void> {
  const options = upOptions(flags, silent, interruption());
  const dagsFolder = flags.dags ?? join(WORKSPACE, 'packages/etl-dags/dags');
  const files =
    runtime === 'docker'
      ? await filesToRender(COMPONENTS, options, hiddenSecrets)
      : await renderConfiguration(flags.home, flags.name, { dagsFolder, ...options });
  for (const [file, text] of files) process.stdout.write(`# ${file}\n${text}\n`);
}

addBackupCommands(command);

// Whoever reads the output may stop reading; what was started must be finished or taken down all the same.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = reportError(error);
}
