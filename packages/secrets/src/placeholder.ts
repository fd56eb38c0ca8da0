/** Values that templates of settings carry until somebody fills them in, English and Russian. */
const PLACEHOLDERS = [
  /^your_/i,
  /(password|key|token|secret|user|name|email)_here$/i,
  /^change[_-]?me/i,
  /^ваш\p{L}*_/iu,
  /^парол[ья]/iu,
];

/** Whether a value is a placeholder that nobody has replaced. */
export const isPlaceholder = (value: string): boolean =>
  PLACEHOLDERS.some((pattern) => pattern.test(value.trim()));
