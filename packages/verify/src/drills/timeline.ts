/** One insert of a batch into one node, in seconds since the workload's start. */
export interface Attempt {
  readonly node: string;
  readonly batch: number;
  readonly start: number;
  readonly end: number;
  readonly accepted: boolean;
  /** What the server or the connection said. */
  readonly reason?: string;
}

/** A task of a pipeline in one state. */
export interface TaskPhase {
  readonly task: string;
  readonly state: string;
  readonly try: number;
  readonly start: number;
}

/** A moment that people look for in the plot. */
export type Moment = 'injected' | 'proved' | 'lifted' | 'recovered' | 'ended';

/** What happened when, in seconds since the workload's start. */
export interface TimelineRecord {
  readonly attempts: readonly Attempt[];
  readonly tasks: readonly TaskPhase[];
  readonly moments: Readonly<Partial<Record<Moment, number>>>;
}

/** Takes down what happens, with the time at which it does. */
export class Timeline {
  #begin = performance.now();
  readonly #attempts: Attempt[] = [];
  readonly #tasks: TaskPhase[] = [];
  readonly #moments: Partial<Record<Moment, number>> = {};

  /** Begins now, before anything has been noted. */
  restart(): void {
    this.#begin = performance.now();
  }

  /** Seconds since the start. */
  now(): number {
    return (performance.now() - this.#begin) / 1000;
  }

  /** Notes that an insert starts; the answer notes how it ends. */
  begin(node: string, batch: number): { accepted(): void; refused(reason: string): void } {
    const start = this.now();
    const note = (outcome: Pick<Attempt, 'accepted' | 'reason'>): void => {
      this.#attempts.push({ node, batch, start, end: this.now(), ...outcome });
    };
    return {
      accepted: () => note({ accepted: true }),
      refused: (reason) => note({ accepted: false, reason }),
    };
  }

  task(task: string, state: string, attempt: number): void {
    this.#tasks.push({ task, state, try: attempt, start: this.now() });
  }

  mark(moment: Moment): void {
    this.#moments[moment] = this.now();
  }

  /** Seconds from one moment to another, if both have come. */
  secondsBetween(from: Moment, to: Moment): number | undefined {
    const [start, end] = [this.#moments[from], this.#moments[to]];
    return start === undefined || end === undefined ? undefined : end - start;
  }

  record(): TimelineRecord {
    return { attempts: this.#attempts, tasks: this.#tasks, moments: { ...this.#moments } };
  }
}

/** How long a task ran in its first try; 0 where that was too short to be seen. */
export function taskSeconds({ tasks }: Pick<TimelineRecord, 'tasks'>, name: string): number {
  const phases = tasks.filter(({ task, try: attempt }) => task === name && attempt === 1);
  const running = phases.findIndex(({ state }) => state === 'running');
  const [begin, end] = phases.slice(running === -1 ? phases.length : running);
  return begin === undefined || end === undefined ? 0 : end.start - begin.start;
}
