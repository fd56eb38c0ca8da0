import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, chmod, mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { text } from 'node:stream/consumers';
import type { ComposeFile, FileSource } from './compose-file.ts';

/** Thrown when Docker Compose refuses something or fails; holds its last words. */
export class ComposeError extends Error {
  override readonly name = 'ComposeError';
}

const LAST_LINES = 15;

/** Puts the files where the compose file mounts them from, readable by every user of a container. */
export async function writeSources(sources: readonly FileSource[]): Promise<void> {
  for (const { path, source, content } of sources) {
    await mkdir(dirname(path), { recursive: true });
    if (source === '') await writeFile(path, content);
    else await copyFile(source, path);
    await chmod(path, 0o555);
  }
}

/** A project of Docker Compose. */
export class ComposeProject {
  readonly #program: string;
  readonly #name: string;
  readonly #file: string;

  /** `program` is `docker-compose`; `file` is where the compose file is written. */
  constructor(program: string, name: string, file: string) {
    this.#program = program;
    this.#name = name;
    this.#file = file;
  }

  async write(content: ComposeFile): Promise<void> {
    await writeFile(this.#file, JSON.stringify(content, null, 2));
  }

  /** Starts what does not run and waits until all is healthy or, for jobs, done. @throws ComposeError */
  async up(signal: AbortSignal): Promise<void> {
    await this.#run(['up', '--wait', '--wait-timeout', '300'], signal);
  }

  /** Removes everything, data included. @throws ComposeError */
  async down(): Promise<void> {
    await this.#run(['down', '--volumes'], new AbortController().signal);
  }

  async #run(words: readonly string[], signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const child = spawn(
      this.#program,
      ['--project-name', this.#name, '--file', this.#file, '--progress', 'plain', ...words],
      // In a group of its own the keyboard's interruption does not reach it, only ours does.
      { stdio: ['ignore', 'pipe', 'pipe'], detached: true },
    );
    const interrupt = (): boolean => child.kill('SIGINT');
    signal.addEventListener('abort', interrupt, { once: true });
    try {
      const [said, complained, [code]] = await Promise.all([
        text(child.stdout),
        text(child.stderr),
        once(child, 'exit'),
      ]);
      signal.throwIfAborted();
      if (code === 0) return;
      const lines = `${said}\n${complained}`.trim().split('\n').slice(-LAST_LINES).join('\n');
      throw new ComposeError(`docker-compose ${words.join(' ')} failed:\n${lines}`);
    } finally {
      signal.removeEventListener('abort', interrupt);
    }
  }
}
