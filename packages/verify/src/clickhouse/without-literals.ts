/** A text in quotes, or from an opening quote on when the rest was cut off; `doesn't` opens none. */
const LITERAL = /(?!(?<=n)'t\b)'(?:[^'\\]|\\.|'')*(?:'|$)/gs;

/** A statement, or what a server says of one, without literals, among which there may be a password. */
export const withoutLiterals = (text: string): string => text.replaceAll(LITERAL, "'…'");
