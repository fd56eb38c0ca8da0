import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ProvehouseError } from '@provehouse/secrets';
import { findOnPath } from './find-on-path.ts';
import { type GoTarget, goTarget } from './go-target.ts';
import { makeOnce } from './make-once.ts';
import { step } from './step.ts';

/** Thrown when the Go toolchain that builds a program is not there. */
export class GoMissingError extends ProvehouseError {
  override readonly name = 'GoMissingError';
}

/** Thrown when a program could not be built; the message holds Go's last lines. */
export class GoBuildError extends ProvehouseError {
  override readonly name = 'GoBuildError';
}

export interface GoProgram {
  /** The program's file name. */
  readonly name: string;
  /** As people know it; the version that is built is the one in `go.mod`. */
  readonly version: string;
  /** Folder of the `go.mod` and `go.sum` that fix every module by its checksum. */
  readonly module: string;
  /** Import path of the main package. */
  readonly package: string;
  readonly linkerFlags?: readonly string[];
  readonly buildTags?: readonly string[];
  /** What it must run on; this machine when not given. */
  readonly target?: GoTarget;
  /** Folder that keeps what was built. */
  readonly cache: string;
  /** Called with one line when a build starts; not called when the program is there already. */
  readonly progress?: (message: string) => void;
  /** Where `go` is looked for and how it reaches its proxy. */
  readonly environment?: NodeJS.ProcessEnv;
}

const LAST_LINES = 15;

/**
 * Path of a program built from the Go module proxy. It is built once for the same inputs: kept in
 * the cache under a name with their hash, and put there only when it is complete.
 * @throws GoMissingError when there is no `go` on PATH
 * @throws GoBuildError with Go's last lines
 */
export async function goProgram(program: GoProgram): Promise<string> {
  const folder = join(program.cache, await keyOf(program));
  const file = join(folder, program.name);
  await makeOnce(folder, async (draft) => {
    const go = await findGo(program);
    await mkdir(draft);
    await step(
      program.progress ?? (() => undefined),
      `Building ${program.name} ${program.version} from its Go module, which takes some minutes once`,
      () => build(program, go, join(draft, program.name)),
    );
  });
  return file;
}

/** Name of the program's folder in the cache: name, version, hash of all that decides what is built. */
async function keyOf(program: GoProgram): Promise<string> {
  const { os, arch } = program.target ?? goTarget();
  const modules = await Promise.all(
    ['go.mod', 'go.sum'].map((file) => readFile(join(program.module, file), 'utf8')),
  );
  const inputs = [program.package, program.linkerFlags, program.buildTags, os, arch, modules];
  const hash = createHash('sha256').update(JSON.stringify(inputs)).digest('hex').slice(0, 16);
  return `${program.name}-${program.version}-${hash}`;
}

/** The `go` on PATH. @throws GoMissingError */
async function findGo({ name, version, module, environment }: GoProgram): Promise<string> {
  const go = await findOnPath('go', environment ?? process.env);
  if (go !== undefined) return go;
  const text = await readFile(join(module, 'go.mod'), 'utf8');
  const required = /^go (\S+)/m.exec(text)?.[1] ?? 'of any version';
  throw new GoMissingError(
    `Expected Go ${required} or newer on PATH, to build ${name} ${version}; found none. See https://go.dev/doc/install.`,
  );
}

function build(program: GoProgram, go: string, file: string): Promise<void> {
  const { os, arch } = program.target ?? goTarget();
  const words = [
    ...['build', '-mod=readonly', '-trimpath', '-buildvcs=false', '-o', file],
    ...['-ldflags', ['-s', '-w', ...(program.linkerFlags ?? [])].join(' ')],
    ...['-tags', (program.buildTags ?? []).join(','), program.package],
  ];
  const environment = program.environment ?? process.env;
  return new Promise((resolve, reject) => {
    const child = spawn(go, words, {
      cwd: program.module,
      stdio: ['ignore', 'ignore', 'pipe'],
      env: {
        ...environment,
        CGO_ENABLED: '0',
        GOOS: os,
        GOARCH: arch,
        GOWORK: 'off',
        // Otherwise an older Go would fetch a whole newer toolchain without asking.
        GOTOOLCHAIN: 'local',
      },
    });
    const said: Buffer[] = [];
    child.stderr.on('data', (text: Buffer) => said.push(text));
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (code === 0) return resolve();
      const lines = Buffer.concat(said).toString().trim().split('\n').slice(-LAST_LINES);
      const how = code === null ? `was ended by ${signal}` : `ended with code ${code}`;
      reject(
        new GoBuildError(
          `go build of ${program.name} ${program.version} ${how}:\n${lines.join('\n')}`,
        ),
      );
    });
  });
}
