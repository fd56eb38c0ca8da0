import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { GoBuildError, GoMissingError, type GoProgram, goProgram } from './go-program.ts';

let folder: string;
let cache: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'provehouse-go-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  cache = join(folder, 'cache');
  await mkdir(join(folder, 'module'));
  await writeFile(join(folder, 'module/go.mod'), 'module x\n\ngo 1.25.8\n');
  await writeFile(join(folder, 'module/go.sum'), 'a v1.0.0 h1:a\n');
});

/** A program whose `go` is a shell script; "$OUT" is the file that it is to build. */
async function programBuiltBy(script: string): Promise<GoProgram> {
  const bin = join(folder, 'bin');
  await mkdir(bin, { recursive: true });
  const findOutput = 'while [ "$1" != -o ]; do shift; done; OUT=$2';
  await writeFile(join(bin, 'go'), `#!/bin/sh\nWORDS="$*"\n${findOutput}\n${script}\n`);
  await chmod(join(bin, 'go'), 0o755);
  return {
    name: 'x',
    version: '1.2.3',
    module: join(folder, 'module'),
    package: 'example.org/x',
    linkerFlags: ['-X main.version=1.2.3'],
    cache,
    environment: { PATH: `${bin}${delimiter}${process.env['PATH']}` },
  };
}

/** Leaves a line beside the cache for each build. */
const COUNTING = 'echo built >> "${OUT%/cache/*}/builds"; echo content > "$OUT"';

const builds = async (): Promise<number> =>
  (await readFile(join(folder, 'builds'), 'utf8')).trim().split('\n').length;

it('is built once and then taken from the cache, also where there is no Go any more', async () => {
  const program = await programBuiltBy(COUNTING);
  const said: string[] = [];
  const file = await goProgram({ ...program, progress: (message) => said.push(message) });
  expect(await readFile(file, 'utf8')).toBe('content\n');
  expect(said).toEqual([
    expect.stringMatching(/^Building x 1\.2\.3 .* …$/),
    expect.stringMatching(/^Building x 1\.2\.3 .*: done after \d+ s$/),
  ]);
  const again = await goProgram({
    ...program,
    environment: { PATH: '' },
    progress: (message) => said.push(message),
  });
  expect(again).toBe(file);
  expect(said).toHaveLength(2);
});

it.each<[string, (program: GoProgram) => Promise<GoProgram>]>([
  [
    'a module',
    async (program) => {
      await writeFile(join(program.module, 'go.sum'), 'a v1.0.1 h1:b\n');
      return program;
    },
  ],
  ['a linker flag', async (program) => ({ ...program, linkerFlags: ['-X main.version=1.2.4'] })],
  ['the target', async (program) => ({ ...program, target: { os: 'plan9', arch: 'amd64' } })],
])('is rebuilt when %s has changed', async (_, change) => {
  const program = await programBuiltBy(COUNTING);
  const file = await goProgram(program);
  expect(await goProgram(await change(program))).not.toBe(file);
  expect(await builds()).toBe(2);
});

it('is built for its target with the module as it is, never with a newer Go than is there', async () => {
  const program = await programBuiltBy(
    'printf "%s\\n" "$WORDS" "$GOOS $GOARCH $CGO_ENABLED $GOTOOLCHAIN" "$PWD" > "$OUT"',
  );
  const file = await goProgram({ ...program, target: { os: 'linux', arch: 'arm64' } });
  const [words, environment, place] = (await readFile(file, 'utf8')).split('\n');
  expect(words).toContain('build -mod=readonly -trimpath');
  expect(words).toContain('-ldflags -s -w -X main.version=1.2.3');
  expect(words).toMatch(/ example\.org\/x$/);
  expect(environment).toBe('linux arm64 0 local');
  expect(place).toBe(program.module);
});

it('leaves nothing behind when the build fails, and gives its last lines', async () => {
  const program = await programBuiltBy('echo half > "$OUT"; echo no such package >&2; exit 3');
  const attempt = goProgram(program);
  await expect(attempt).rejects.toThrow(GoBuildError);
  await expect(attempt).rejects.toThrow('go build of x 1.2.3 ended with code 3:\nno such package');
  expect(await readdir(cache)).toEqual([]);
});

it('says which Go it needs where there is none', async () => {
  const program = await programBuiltBy('exit 0');
  const attempt = goProgram({ ...program, environment: { PATH: join(folder, 'module') } });
  await expect(attempt).rejects.toThrow(GoMissingError);
  await expect(attempt).rejects.toThrow('Expected Go 1.25.8 or newer on PATH, to build x 1.2.3');
});

it('is whole for each of two who build it at the same time', async () => {
  const program = await programBuiltBy(COUNTING);
  const files = await Promise.all([goProgram(program), goProgram(program)]);
  expect(files[0]).toBe(files[1]);
  expect(await readFile(files[0], 'utf8')).toBe('content\n');
  expect(await readdir(cache)).toHaveLength(1);
});
