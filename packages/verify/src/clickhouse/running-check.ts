import { AsyncLocalStorage } from 'node:async_hooks';
import type { NodeClient } from './cluster.ts';
import { KeptAnswers } from './kept-answers.ts';

/** A check that is running, and what it has asked. */
interface RunningCheck {
  readonly name: string;
  readonly answers: KeptAnswers;
}

const running = new AsyncLocalStorage<RunningCheck>();

/** Runs a check, whose name is the comment of whatever it asks. */
export const runAs = <Result>(name: string, check: () => Result): Result =>
  running.run({ name, answers: new KeptAnswers() }, check);

/** The comment by which a statement is found in the query log and among the processes of a node. */
export function logComment(): string {
  const check = running.getStore();
  return check === undefined ? 'provehouse' : `provehouse ${check.name}`;
}

/**
 * What a check asks for each of many tables and is the same for all: asked of a node once while the check
 * runs. Another check asks again, as does what is no check.
 */
export const onceInCheck = <Answer>(
  client: Pick<NodeClient, 'query'>,
  question: string,
  ask: () => Promise<Answer>,
): Promise<Answer> => running.getStore()?.answers.of(client, question, ask) ?? ask();
