import type { NodeClient } from './cluster.ts';

/** Answers of nodes that are kept, by who was asked and what. */
export class KeptAnswers {
  readonly #answers = new WeakMap<NodeClient['query'], Map<string, Promise<unknown>>>();

  /** The answer to a question, asked again only where there was none. @throws what `ask` throws */
  of<Answer>(
    { query }: Pick<NodeClient, 'query'>,
    question: string,
    ask: () => Promise<Answer>,
  ): Promise<Answer> {
    const known = this.#answers.get(query) ?? new Map<string, Promise<unknown>>();
    this.#answers.set(query, known);
    const answer = known.get(question) ?? ask();
    known.set(question, answer);
    // A node that did not answer may do so the next time.
    answer.catch(() => known.delete(question));
    return answer as Promise<Answer>;
  }
}
