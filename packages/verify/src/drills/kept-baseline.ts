/**
 * Keeps what was measured without a fault for several drills, until it is forgotten or the day (UTC) is
 * another one: a pipeline may load what belongs to the date of its run.
 */
export class KeptBaseline<Baseline> {
  readonly #today: () => string;
  #kept: { readonly day: string; readonly baseline: Baseline } | undefined;

  constructor(today = () => new Date().toISOString().slice(0, 10)) {
    this.#today = today;
  }

  /** The baseline that was kept, or else what `measure` gives. */
  async of(measure: () => Promise<Baseline>): Promise<Baseline> {
    const day = this.#today();
    if (this.#kept?.day !== day) this.#kept = { day, baseline: await measure() };
    return this.#kept.baseline;
  }

  /** The next drill measures its own: the platform may no longer be what it was. */
  forget(): void {
    this.#kept = undefined;
  }
}
