/** A mark of a plot: what it says of itself, and its colour. */
export interface SvgMark {
  /** The mark's fields and values, such as `rows: 52; node: clickhouse-01`. */
  readonly description: string;
  readonly fill: string;
}

/** The marks of an SVG document that stand for data: bars, cells and lines, without axes and legends. */
export function marksOf(svg: string): SvgMark[] {
  return [...svg.matchAll(/<(?:path|rect) ([^>]*aria-label="([^"]*)"[^>]*)>/g)].map(
    ([, attributes = '', description = '']) => ({
      description,
      fill: /\bfill="([^"]*)"/.exec(attributes)?.[1] ?? 'none',
    }),
  );
}

/** Every text that an SVG document shows, in the order in which it is drawn. */
export const textsOf = (svg: string): string[] =>
  [...svg.matchAll(/<text [^>]*>([^<]*)<\/text>/g)].map(([, text = '']) => text);
