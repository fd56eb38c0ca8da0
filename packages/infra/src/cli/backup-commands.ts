import { join } from 'node:path';
import { readSecrets, type PlatformOptions } from '@provehouse/secrets';
import type { Command } from 'commander';
import {
  BackupError,
  LATEST,
  listBackups,
  nameOfMoment,
  openBackupPlace,
  proveBackup,
  removeBackup,
  restoreBackup,
  takeBackup,
  type BackupPlace,
} from '../backup/index.ts';
import type { Progress } from '../runtime.ts';
import { readDeployment } from '../state/deployment-file.ts';
import { lockPlatform } from '../state/lock.ts';
import { stateFolder } from '../state/state-folder.ts';
import { interruption } from '../system/interruption.ts';
import { backupsTable, describeBackup, describeRestored } from './backups-table.ts';
import { showProgress } from './progress.ts';

interface BackupFlags extends PlatformOptions {
  readonly incremental: boolean;
  readonly base?: string;
  readonly table?: string[];
  readonly list: boolean;
  readonly check: boolean;
  readonly remove: boolean;
  readonly json: boolean;
}

interface RestoreFlags extends PlatformOptions {
  readonly shard?: string[];
  readonly replace: boolean;
}

/** A command with the options that say which platform is meant. */
type MakeCommand = (usage: string, description: string) => Command;

/** Adds the commands that take backups of a running platform, and bring them back. */
export function addBackupCommands(command: MakeCommand): void {
  command(
    'backup [backup]',
    "Back up the platform's database into its bucket; list, check, remove.",
  )
    .option('--incremental', 'on the base of the newest backup: what has changed since', false)
    .option('--base <backup>', 'on the base of another backup')
    .option('--table <name...>', 'these tables (default: all whose rows replicate)')
    .option('--list', 'list the backups', false)
    .option('--check', 'read every object of the named backup, and of those it is based on', false)
    .option('--remove', 'remove the named backup, or what is left of one', false)
    .option('--json', 'print JSON', false)
    .action((name: string | undefined, flags: BackupFlags) => backUp(name, flags));
  command('restore <backup>', 'Bring back what a backup holds, after each object of it was read.')
    .option('--shard <shard...>', 'these shards alone, such as 02 (default: all)')
    .option('--replace', 'drop tables that hold other rows than the backup', false)
    .action((name: string, flags: RestoreFlags) => restore(name, flags));
}

async function backUp(name: string | undefined, flags: BackupFlags): Promise<void> {
  const { incremental, base, table, list, check, remove, json } = flags;
  const modes = [list, check, remove, incremental, base !== undefined].filter(Boolean);
  if (modes.length > 1) {
    throw new BackupError(
      'Expected one of --list, --check, --remove, --incremental and --base, found several.',
    );
  }
  if ((check || remove) && name === undefined) {
    throw new BackupError('Expected the name of a backup, found none: infra:backup --list.');
  }
  const signal = interruption();
  await using place = await openPlace(flags);
  if (list) {
    const backups = await listBackups(place);
    process.stdout.write(json ? `${JSON.stringify(backups, null, 2)}\n` : backupsTable(backups));
    return;
  }
  await using _lock = await lockPlatform(stateFolder(flags.home, flags.name), 'backing up');
  if (name !== undefined && remove) {
    await removeBackup(place, name);
    process.stdout.write(`The backup ${name} is removed.\n`);
    return;
  }
  if (name !== undefined && check) {
    const chain = await proveBackup(place, name, signal);
    process.stdout.write(
      `${chain.map(describeBackup).join('')}Every object is what was written.\n`,
    );
    return;
  }
  using progress = showProgress(process.stderr);
  const basedOn = incremental ? LATEST : base;
  const manifest = await takeBackup(place, {
    ...{ name: name ?? nameOfMoment(new Date()), signal, onPhase: say(progress) },
    ...(basedOn !== undefined && { base: basedOn }),
    ...(table && { tables: table }),
  });
  process.stdout.write(json ? `${JSON.stringify(manifest, null, 2)}\n` : describeBackup(manifest));
}

async function restore(name: string, { shard, replace, ...which }: RestoreFlags): Promise<void> {
  const signal = interruption();
  await using place = await openPlace(which);
  await using _lock = await lockPlatform(stateFolder(which.home, which.name), 'restoring');
  using progress = showProgress(process.stderr);
  const restored = await restoreBackup(place, {
    ...{ name, replace, signal, onPhase: say(progress) },
    ...(shard && { shards: shard }),
  });
  process.stdout.write(describeRestored(name, restored));
}

async function openPlace({ home, name }: PlatformOptions): Promise<BackupPlace> {
  const { root } = stateFolder(home, name);
  const deployment = await readDeployment(join(root, 'deployment.json'));
  const secrets = await readSecrets(deployment.secretsFile);
  const { super_user_name: user, super_user_password: password } = secrets;
  return openBackupPlace(deployment, { user, password }, secrets.minio_root_password);
}

const say =
  (progress: Progress) =>
  (phase: string): void =>
    progress.message(`${phase[0]?.toUpperCase() ?? ''}${phase.slice(1)} …`);
