import type { Check } from '../check.ts';
import { escapeHtml } from './escape-html.ts';

/** A drawn picture. */
export interface Picture {
  readonly title: string;
  readonly svg: string;
}

/** What a check proves, as HTML, with its pictures where the reader sees them without a click. */
export function checkDescription(
  { name, proves }: Pick<Check, 'name' | 'proves'>,
  drawn: readonly Picture[],
): string {
  const pictures = drawn.map(pictureHtml);
  return `<p>${escapeHtml(proves)}</p><p>Check <code>${escapeHtml(name)}</code></p>${pictures.join('')}`;
}

/** A picture as HTML that needs no other file. */
export const pictureHtml = ({ title, svg }: Picture): string =>
  `<p><img alt="${escapeHtml(title)}" src="data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}"></p>`;
