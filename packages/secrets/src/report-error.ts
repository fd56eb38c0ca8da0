import { CommanderError } from 'commander';
import { InterruptedError, ProvehouseError } from './provehouse-error.ts';

const COULD_NOT_RUN = 2;
/** As shells give it for a program that Ctrl-C ends. */
const INTERRUPTED = 130;

/**
 * Prints why a program could not run, and gives its exit code. Errors of commander, which has printed
 * them itself, are not repeated; help that was asked for is none.
 */
export function reportError(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : COULD_NOT_RUN;
  process.stderr.write(`${describeError(error)}\n`);
  return error instanceof InterruptedError ? INTERRUPTED : COULD_NOT_RUN;
}

/** An error for people: what somebody can act on by its message and causes, a defect by its stack. */
export function describeError(error: unknown): string {
  if (canActOn(error))
    return toldOnce(chain(error, ({ message }) => message)).join('\n  because: ');
  const stacks = chain(error, ({ stack, message }) => stack ?? message);
  // Never the errors' other properties, which may hold passwords.
  return ['This is a defect of Provehouse; please report it with these lines.', ...stacks].join(
    '\n',
  );
}

/** What the operating system refuses (no space, no permission) says which file and why. */
const canActOn = (error: unknown): boolean =>
  error instanceof ProvehouseError || (error instanceof Error && 'syscall' in error);

/** Without causes whose words an error before them repeats, and without parsers' data. */
const toldOnce = (messages: readonly string[]): string[] =>
  messages.filter(
    (message, index) =>
      index === 0 ||
      !(messages.slice(0, index).some((earlier) => earlier.includes(message)) || isData(message)),
  );

/** A schema's error has its issues as its message; what they come to stands in the error above it. */
const isData = (message: string): boolean => message.startsWith('[');

function chain(error: unknown, say: (link: Error) => string): string[] {
  const said: string[] = [];
  for (let link = error; link instanceof Error; link = link.cause) said.push(say(link));
  return said.length > 0 ? said : [String(error)];
}
