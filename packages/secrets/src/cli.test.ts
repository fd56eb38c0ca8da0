import { spawnSync } from 'node:child_process';
import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../test/temporary-folder.ts';
import { generateSecrets } from './generate.ts';
import { readSecrets, writeSecrets } from './secrets-file.ts';

const CLI = resolve(import.meta.dirname, 'cli.ts');

/** What the command line did: exit code and all that it printed. */
function secretsCommand(home: string, ...words: string[]) {
  const environment = { PATH: process.env['PATH'], PROVEHOUSE_HOME: home };
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...words], {
    env: environment,
    encoding: 'utf8',
  });
  return { status, stdout, stderr, printed: stdout + stderr };
}

async function homeWithSecrets() {
  const home = await temporaryFolder();
  const secrets = generateSecrets();
  const file = join(home, 'local', 'secrets.env');
  await writeSecrets(file, secrets);
  return { home, secrets, file };
}

function expectNoValue(printed: string, secrets: object): void {
  for (const [name, value] of Object.entries(secrets)) {
    if (/password|key|secret/.test(name)) expect(printed).not.toContain(value);
  }
}

it('generates a file that check accepts, prints no value, and keeps it the second time', async () => {
  const home = await temporaryFolder();
  const generated = secretsCommand(home, 'generate', '--name', 'ci');
  expect(generated.status).toBe(0);
  const file = join(home, 'ci', 'secrets.env');
  const secrets = await readSecrets(file);
  const checked = secretsCommand(home, 'check', '--name', 'ci');
  expect(checked.status).toBe(0);
  const again = secretsCommand(home, 'generate', '--name', 'ci');
  expect(again.status).toBe(2);
  expect(again.stderr).toContain('--force');
  expect(await readSecrets(file)).toEqual(secrets);
  expect(secretsCommand(home, 'generate', '--name', 'ci', '--force').status).toBe(0);
  expect(await readSecrets(file)).not.toEqual(secrets);
  expectNoValue(generated.printed + checked.printed + again.printed, secrets);
});

it('generates a file of mode 0600 whatever the umask is', async () => {
  const home = await temporaryFolder();
  await mkdir(join(home, 'local'));
  const script = 'umask 0377; exec "$@"';
  spawnSync('sh', ['-c', script, 'sh', process.execPath, CLI, 'generate', '--home', home]);
  expect((await stat(join(home, 'local', 'secrets.env'))).mode & 0o777).toBe(0o600);
});

it('lists every problem without a value and ends with 1', async () => {
  const { home, secrets, file } = await homeWithSecrets();
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replace(/^redis_password=.*$/m, 'redis_password=Sh0rt+value'));
  await chmod(file, 0o644);
  const { status, stdout, printed } = secretsCommand(home, 'check');
  expect(status).toBe(1);
  expect(stdout).toContain('redis_password: too short');
  expect(stdout).toContain('file: mode 0644');
  expectNoValue(printed, { ...secrets, redis_password: 'Sh0rt+value' });
});

it('rotates what is named, says what to restart, and prints no value', async () => {
  const { home, secrets, file } = await homeWithSecrets();
  const { status, stdout, printed } = secretsCommand(
    home,
    'rotate',
    'airflow_fernet_key',
    'redis_password',
  );
  expect(status).toBe(0);
  expect(stdout).toContain('redis, airflow');
  const rotated = await readSecrets(file);
  expect(rotated.redis_password).not.toBe(secrets.redis_password);
  expect(rotated.airflow_fernet_key_previous).toBe(secrets.airflow_fernet_key);
  expectNoValue(printed, secrets);
  expectNoValue(printed, rotated);
  expect(secretsCommand(home, 'rotate', '--finish').status).toBe(0);
  expect(await readSecrets(file)).not.toHaveProperty('airflow_fernet_key_previous');
});

it('changes nothing when one name cannot be rotated', async () => {
  const { home, secrets, file } = await homeWithSecrets();
  const { status, stderr } = secretsCommand(home, 'rotate', 'redis_password', 'bi_user_name');
  expect(status).toBe(2);
  expect(stderr).toContain('bi_user_name: is no secret');
  expect(await readSecrets(file)).toEqual(secrets);
});

it.each(['tfvars', 'dotenv', 'shell'])(
  'exports %s to a private file as it prints it',
  async (format) => {
    const { home, secrets } = await homeWithSecrets();
    const output = join(home, 'exported');
    const printed = secretsCommand(home, 'export', '--format', format);
    const written = secretsCommand(home, 'export', '--format', format, '--output', output);
    expect([printed.status, written.status]).toEqual([0, 0]);
    expect(printed.stdout).toContain(secrets.super_user_password);
    expect(await readFile(output, 'utf8')).toBe(printed.stdout);
    expect((await stat(output)).mode & 0o777).toBe(0o600);
    expectNoValue(written.printed, secrets);
  },
);

it('does not export secrets with a problem', async () => {
  const { home, file } = await homeWithSecrets();
  await chmod(file, 0o644);
  expect(secretsCommand(home, 'export', '--format', 'shell')).toMatchObject({
    status: 2,
    stdout: '',
  });
});

it.each([
  ['an absent file', ['check', '--name', 'absent'], 'No secrets can be read from'],
  ['an impossible name', ['check', '--name', '../local'], "A platform's name has"],
  ['an unknown command', ['chek'], 'unknown command'],
  ['a surplus word', ['check', 'local'], 'too many arguments'],
  [
    'an unknown format',
    ['export', '--format', 'yaml'],
    'Allowed choices are tfvars, dotenv, shell',
  ],
  ['no name to rotate', ['rotate'], 'Expected the names of the secrets'],
  ['names beside --finish', ['rotate', 'redis_password', '--finish'], 'or --finish alone'],
])('ends with 2 and a message on %s', async (_, words, message) => {
  const { home } = await homeWithSecrets();
  const { status, stdout, stderr } = secretsCommand(home, ...words);
  expect(status).toBe(2);
  expect(stdout).toBe('');
  expect(stderr).toContain(message);
  expect(stderr).not.toContain('    at ');
});

it('explains itself with --help', async () => {
  const { status, stdout } = secretsCommand(await temporaryFolder(), '--help');
  expect(status).toBe(0);
  for (const name of ['generate', 'check', 'rotate', 'export']) expect(stdout).toContain(name);
});
