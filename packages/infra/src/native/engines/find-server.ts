import { basename } from 'node:path';
import { $ } from 'zx';
import { isModern } from '../../clickhouse/dialect.ts';
import { findOnPath, isProgram } from '../../system/find-on-path.ts';
import { EngineError } from '../../clickhouse/engine.ts';

/** A ClickHouse server of this machine. */
export interface FoundServer {
  /** The command that takes `--config-file`. */
  readonly command: readonly string[];
  readonly version: string;
  /** The command of a Keeper, where the same program has one. */
  readonly keeper?: readonly string[];
  /** Where it was found, for people. */
  readonly source: string;
}

/** Where to look, by the environment of the process. */
export type SearchEnvironment = Readonly<Record<string, string | undefined>>;

/**
 * The ClickHouse server to use: the program that PROVEHOUSE_CLICKHOUSE names, else `clickhouse` or
 * `clickhouse-server` on PATH.
 * @throws EngineError when the named one is not there, or does not say its version
 */
export async function findServer(environment: SearchEnvironment): Promise<FoundServer | undefined> {
  const named = environment['PROVEHOUSE_CLICKHOUSE'];
  if (named !== undefined && named !== '') {
    if (!(await isProgram(named))) {
      throw new EngineError(
        `PROVEHOUSE_CLICKHOUSE: expected a ClickHouse program, found no executable file ${named}.`,
      );
    }
    return describe(named, 'PROVEHOUSE_CLICKHOUSE');
  }
  for (const name of ['clickhouse', 'clickhouse-server']) {
    const file = await findOnPath(name, environment);
    if (file !== undefined) return describe(file, file);
  }
  return undefined;
}

async function describe(file: string, source: string): Promise<FoundServer> {
  const one = basename(file) === 'clickhouse';
  const command = one ? [file, 'server'] : [file];
  const version = (await versionItSays(command)) ?? (await versionOfPackage(file));
  if (version === undefined) {
    throw new EngineError(
      `Expected ${source} to be a ClickHouse server, found that ${file} says no version. ` +
        'Set PROVEHOUSE_CLICKHOUSE to another program.',
    );
  }
  const keeper = one && isModern(version) ? [file, 'keeper'] : undefined;
  return { command, version, source, ...(keeper && { keeper }) };
}

async function versionItSays(command: readonly string[]): Promise<string | undefined> {
  const { stdout } = await $({
    quiet: true,
    nothrow: true,
    timeout: '10s',
  })`${[...command, '--version']}`;
  return /version (\d+\.\d+[\d.]*\d)/.exec(stdout)?.[1];
}

/** Old servers do not tell their version; the package that they came with knows it. */
async function versionOfPackage(file: string): Promise<string | undefined> {
  const owner = await $({ quiet: true, nothrow: true })`dpkg-query -S ${file}`;
  const [name] = owner.stdout.split(':');
  if (owner.exitCode !== 0 || name === undefined) return undefined;
  const question = ['dpkg-query', '--show', '--showformat=${Version}', name];
  const { stdout } = await $({ quiet: true, nothrow: true })`${question}`;
  return /^(\d+\.\d+[\d.]*\d)/.exec(stdout)?.[1];
}
