import { AsyncLocalStorage } from 'node:async_hooks';

/** A check that is running, and what it has asked. */
interface RunningCheck {
  readonly name: string;
  readonly answers: WeakMap<object, Map<string, Promise<unknown>>>;
}

const running = new AsyncLocalStorage<RunningCheck>();

/** Runs a check, whose name is the comment of whatever it asks. */
export const runAs = <Result>(name: string, check: () => Result): Result =>
  running.run({ name, answers: new WeakMap() }, check);

/** The comment by which a statement is found in the query log and among the processes of a node. */
export function logComment(): string {
  const check = running.getStore();
  return check === undefined ? 'provehouse' : `provehouse ${check.name}`;
}

/**
 * What a check asks for each of many tables and is the same for all: asked of a node once while the check
 * runs. Another check asks again, as does what is no check.
 */
export function onceInCheck<Answer>(
  { query }: { readonly query: object },
  question: string,
  ask: () => Promise<Answer>,
): Promise<Answer> {
  const answers = running.getStore()?.answers;
  if (answers === undefined) return ask();
  const known = answers.get(query) ?? new Map<string, Promise<unknown>>();
  answers.set(query, known);
  const answer = known.get(question) ?? ask();
  known.set(question, answer);
  // A node that did not answer may do so the next time.
  answer.catch(() => known.delete(question));
  return answer as Promise<Answer>;
}
