import { XMLBuilder } from 'fast-xml-parser';

/** Writes configuration of ClickHouse; keys that begin with `@_` are attributes. */
export const xml = new XMLBuilder({
  format: true,
  indentBy: '  ',
  suppressEmptyNode: true,
  ignoreAttributes: false,
});
