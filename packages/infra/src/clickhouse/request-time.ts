/** When a request was sent and when its answer was there, in milliseconds since 1970; nobody sets this clock back meanwhile. */
export interface RequestTime {
  readonly sent: number;
  readonly answered: number;
}

const times = new WeakMap<object, RequestTime>();

const now = (): number => performance.timeOrigin + performance.now();

/** Sends a request and notes when, for `requestTime`. */
export async function timed<Answer extends object>(send: () => Promise<Answer>): Promise<Answer> {
  const sent = now();
  const answer = await send();
  times.set(answer, { sent, answered: now() });
  return answer;
}

/** What is made of an answer has its time. */
export function keepTime<Made extends object>(answer: object, made: Made): Made {
  const time = times.get(answer);
  if (time !== undefined) times.set(made, time);
  return made;
}

/**
 * When the one request was under way that gave these rows: without the time that a question has waited for its
 * turn, or was answered by other nodes behind a balancer. Undefined for rows that no node client gave.
 */
export const requestTime = (rows: object): RequestTime | undefined => times.get(rows);
