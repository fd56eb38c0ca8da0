/** The part of vega-statistics that is used here; the package brings no types. */
declare module 'vega-statistics' {
  /** The standard normal distribution function, precise in both tails. */
  export function cumulativeNormal(value: number): number;
}
