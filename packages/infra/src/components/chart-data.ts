/** What a chart shows people. */
export interface ChartData {
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  /** The statement that gives it. */
  readonly query: string;
  /** When it was kept, where it is from a cache: a time of UTC in ISO 8601. */
  readonly cachedAt: string | undefined;
}
