import { Command, Option } from 'commander';
import { completeSecrets } from './complete.ts';
import { EXPORT_FORMATS, renderExport, type ExportFormat } from './export.ts';
import { generateSecrets } from './generate.ts';
import { givenPath, secretsFile } from './location.ts';
import { withPlatformOptions, type PlatformOptions } from './platform-options.ts';
import { writePrivateFile } from './private-file.ts';
import { reportError } from './report-error.ts';
import { componentsReading, finishRotation, rotateSecrets } from './rotate.ts';
import { checkSecrets, readSecrets, writeSecrets } from './secrets-file.ts';
import { describeProblems, SecretsError } from './secrets-error.ts';

interface RotateOptions extends PlatformOptions {
  readonly finish: boolean;
  readonly discardPrevious: boolean;
}

interface ExportOptions extends PlatformOptions {
  readonly format: ExportFormat;
  readonly output?: string;
}

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

const fileOf = ({ home, name }: PlatformOptions): string => secretsFile(home, name);

const program = new Command('secrets')
  .description(
    'Makes, checks and changes the secrets of a platform. Values are never printed, except by export.',
  )
  .exitOverride();

/** A command with the options that say which platform is meant. */
const command = (usage: string, description: string): Command =>
  withPlatformOptions(program.command(usage).description(description));

command('generate', 'Write a file with new secrets, unless there is one.')
  .option('--force', 'replace the file and every secret in it', false)
  .action(async (options: PlatformOptions & { force: boolean }) => {
    const file = fileOf(options);
    await writeSecrets(file, generateSecrets(), options);
    say(`New secrets are in ${file} (mode 0600).`);
  });

command(
  'check',
  'Report every problem of the secrets file by field; exit code 1 if there is one.',
).action(async (options: PlatformOptions) => {
  const file = fileOf(options);
  const problems = await checkSecrets(file);
  if (problems.length === 0) {
    say(`${file} is fine.`);
  } else {
    say(`${file}:\n${describeProblems(problems)}`);
    process.exitCode = 1;
  }
});

command(
  'complete',
  'Add what a newer version needs to the secrets file; the rest stays as it is.',
).action(async (options: PlatformOptions) => {
  const file = fileOf(options);
  const added = await completeSecrets(file);
  say(
    added.length === 0
      ? `${file} has everything; nothing was changed.`
      : `Added ${added.join(', ')} to ${file}.`,
  );
});

command('rotate [names...]', 'Replace the named secrets by new ones.')
  .option('--finish', 'remove the previous Fernet key, once Airflow has encrypted again', false)
  .option('--discard-previous', 'give up a Fernet key from an unfinished rotation', false)
  .action(async (names: string[], options: RotateOptions) => {
    if (options.finish === names.length > 0) {
      throw new SecretsError('Expected the names of the secrets to rotate, or --finish alone.');
    }
    const file = fileOf(options);
    const secrets = await readSecrets(file);
    const rotated = options.finish
      ? finishRotation(secrets)
      : rotateSecrets(secrets, names, options);
    await writeSecrets(file, rotated, { force: true });
    say(
      options.finish
        ? 'Removed airflow_fernet_key_previous.'
        : `Replaced ${[...new Set(names)].join(', ')}.`,
    );
    const changed = options.finish ? ['airflow_fernet_key_previous'] : names;
    say(
      `Read at the start by: ${componentsReading(changed).join(', ')}. A running platform uses the old values until it is restarted: npx nx run infra:restart`,
    );
    if (names.includes('airflow_fernet_key')) {
      say(
        'The old Fernet key is kept beside the new one. After the restart let Airflow encrypt again (airflow rotate-fernet-key), then run rotate --finish.',
      );
    }
  });

command('export', 'Print the secrets for other programs, or write them to a file of mode 0600.')
  .addOption(
    new Option(
      '--format <format>',
      'tfvars is JSON for Terraform of your own (the modules here declare no secret: see infra:render); shell has CH_USER and CH_PASSWORD',
    )
      .choices(EXPORT_FORMATS)
      .makeOptionMandatory(),
  )
  .option('--output <file>', 'write to this file, replacing it (tfvars: name it *.tfvars.json)')
  .action(async (options: ExportOptions) => {
    const text = renderExport(await readSecrets(fileOf(options)), options.format);
    if (options.output === undefined) {
      process.stdout.write(text);
    } else {
      await writePrivateFile(givenPath(options.output), text, { replace: true });
      say(`Wrote ${options.output} (mode 0600).`);
    }
  });

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = reportError(error);
}
