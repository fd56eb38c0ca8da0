import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmod, cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { $ } from 'zx';
import type { Progress } from '../runtime.ts';
import { componentOf, isContainer, parseEvent } from './terraform-events.ts';
import { TerraformError } from './terraform-error.ts';
import type { CalledModule } from './terraform-variables.ts';
import type { TerraformProgram } from './terraform-program.ts';

const MODULES = join(import.meta.dirname, '../../terraform');

/** What people who run Terraform in the modules' own folder have there, and what only its tests read. */
const NOT_COPIED =
  /^(tests|examples|config)(\/|$)|\/tests(\/|$)|(^|\/)\.terraform|\.tfstate|\.tfvars|\.md$/;

/** Runs a program whose files nobody else can read: Terraform writes its state as the umask says. */
const PRIVATELY = 'umask 077; exec "$0" "$@"';

/** Containers are waited for at the same time, however many there are. */
const PARALLEL = '-parallelism=40';

/** The files that call modules which the root module does not name. */
const CALL = /^component\..*\.tf\.json$/;

/** Copies what is needed to apply modules. */
const copyModules = (from: string, to: string): Promise<void> =>
  cp(from, to, {
    recursive: true,
    filter: (source) => !NOT_COPIED.test(relative(from, source)),
  });

/** What an apply changed, in resources. */
export interface Changes {
  readonly add: number;
  readonly change: number;
  readonly remove: number;
}

/** Terraform in a folder of its own, with its own copy of the modules and its own state. */
export class TerraformWorkspace {
  readonly #program: TerraformProgram;
  readonly #folder: string;

  constructor(program: TerraformProgram, folder: string) {
    this.#program = program;
    this.#folder = folder;
  }

  /**
   * Copies the modules and those that are `called` besides them, writes the variables and gets the
   * provider.
   * @throws TerraformError
   */
  async prepare(
    variables: Record<string, unknown>,
    called: readonly CalledModule[],
  ): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    await this.#hideState();
    await copyModules(MODULES, this.#folder);
    await this.#call(called);
    await writeFile(
      join(this.#folder, 'terraform.tfvars.json'),
      `${JSON.stringify(variables, null, 2)}\n`,
      { mode: 0o600 },
    );
    const fingerprint = await this.#fingerprint(called);
    const stamp = join(this.#folder, '.terraform', 'provehouse-init');
    if ((await readFile(stamp, 'utf8').catch(() => '')) === fingerprint) return;
    // A provider that was built here has another checksum than one of the same version before it.
    await rm(join(this.#folder, '.terraform.lock.hcl'), { force: true });
    await this.#run(['init', '-input=false', '-no-color']);
    await writeFile(stamp, fingerprint);
  }

  /** Copies the called modules, and writes for each a file that calls it; none that is called no more stays. */
  async #call(called: readonly CalledModule[]): Promise<void> {
    const names = await readdir(this.#folder);
    for (const name of names.filter((one) => CALL.test(one))) await rm(join(this.#folder, name));
    for (const { name, folder, inputs } of called) {
      await copyModules(folder, join(this.#folder, 'modules', name));
      const call = { module: { [name]: { source: `./modules/${name}`, ...inputs } } };
      await writeFile(
        join(this.#folder, `component.${name}.tf.json`),
        `${JSON.stringify(call, null, 2)}\n`,
      );
    }
  }

  /** A state that was written before Terraform ran privately is hidden from others, too. */
  async #hideState(): Promise<void> {
    const files = (await readdir(this.#folder)).filter((name) => name.includes('.tfstate'));
    await Promise.all(files.map((name) => chmod(join(this.#folder, name), 0o600)));
  }

  /** Of everything that decides which modules and which provider there must be. */
  async #fingerprint(called: readonly CalledModule[]): Promise<string> {
    const { path, version, environment } = this.#program;
    const hash = createHash('sha256').update(`${path} ${version}`);
    const configuration = environment['TF_CLI_CONFIG_FILE'];
    if (configuration !== undefined) hash.update(await readFile(configuration).catch(() => ''));
    hash.update(JSON.stringify(called.map(({ name }) => name)));
    for (const folder of [MODULES, ...called.map((module) => module.folder)]) {
      const files = await readdir(folder, { recursive: true });
      for (const file of files.filter((name) => name.endsWith('.tf')).toSorted()) {
        if (!NOT_COPIED.test(file)) hash.update(await readFile(join(folder, file)));
      }
    }
    return hash.digest('hex');
  }

  /** What an apply would do, as text for people. @throws TerraformError */
  plan(color: boolean): Promise<string> {
    return this.#run(['plan', '-input=false', ...(color ? [] : ['-no-color'])]);
  }

  /** Resources that an apply would change. @throws TerraformError */
  async drift(): Promise<readonly string[]> {
    const text = await this.#run(['plan', '-input=false', '-json']);
    return text.split('\n').flatMap((line) => {
      if (!line.includes('"type":"planned_change"')) return [];
      const { change } = JSON.parse(line) as { change: { resource: { addr: string } } };
      return [change.resource.addr];
    });
  }

  /**
   * Makes everything what the variables say; containers are shown as they become healthy. An
   * interruption lets Terraform finish what it is at, so that its state is true.
   * @throws TerraformError with Terraform's explanations
   */
  apply(progress: Progress, signal: AbortSignal): Promise<Changes> {
    return this.#change(['apply', '-auto-approve', PARALLEL], progress, signal);
  }

  async #change(
    words: readonly string[],
    progress: Progress,
    signal: AbortSignal,
  ): Promise<Changes> {
    signal.throwIfAborted();
    const child = spawn(
      'sh',
      ['-c', PRIVATELY, this.#program.path, ...words, '-input=false', '-json'],
      {
        cwd: this.#folder,
        env: this.#program.environment,
        stdio: ['ignore', 'pipe', 'pipe'],
        // In a group of its own it gets one signal, ours; a second one would make it leave at once.
        detached: true,
      },
    );
    const interrupt = (): void => {
      progress.message('Waiting until Terraform has ended what it is at.');
      child.kill('SIGINT');
    };
    signal.addEventListener('abort', interrupt, { once: true });
    const errors: string[] = [];
    const begun = new Map<string, number>();
    let changes: Changes = { add: 0, change: 0, remove: 0 };
    const said: Buffer[] = [];
    child.stderr.on('data', (data: Buffer) => said.push(data));
    const ended = once(child, 'exit');
    for await (const line of createInterface({ input: child.stdout })) {
      const event = parseEvent(line);
      if (event === undefined) continue;
      if (event.type === 'change_summary') changes = event.changes;
      else if (event.type === 'diagnostic') {
        const { severity, summary, detail } = event.diagnostic;
        if (severity === 'error') errors.push([summary, detail].filter(Boolean).join(': '));
      } else if (isContainer(event)) {
        const component = componentOf(event);
        if (event.type === 'apply_start') {
          begun.set(component, Date.now());
          progress.waiting(component);
        } else if (event.type === 'apply_complete') {
          if (event.hook.action === 'delete') progress.gone(component);
          else
            progress.ready(component, (Date.now() - (begun.get(component) ?? Date.now())) / 1000);
        }
      }
    }
    const [code] = await ended;
    signal.removeEventListener('abort', interrupt);
    signal.throwIfAborted();
    if (code !== 0) {
      const reasons = errors.length > 0 ? errors : [Buffer.concat(said).toString().trim()];
      throw new TerraformError(`terraform ${words[0] ?? ''} failed:\n${reasons.join('\n')}`);
    }
    return changes;
  }

  async #run(words: readonly string[]): Promise<string> {
    const result = await $({
      quiet: true,
      nothrow: true,
      cwd: this.#folder,
      env: this.#program.environment,
    })`sh -c ${PRIVATELY} ${this.#program.path} ${words}`;
    if (result.exitCode === 0) return result.stdout;
    const text = `${result.stdout}\n${result.stderr}`.trim().split('\n').slice(-20).join('\n');
    throw new TerraformError(`terraform ${words[0] ?? ''} failed:\n${text}`);
  }
}
