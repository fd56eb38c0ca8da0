export { errorWords } from './error-words.ts';
export { placeOf, proxyOf } from './node-address.ts';
export * from './node-client.ts';
export { NoAnswerError, QueryError } from './query-error.ts';
export * from './quote.ts';
export { resultName, resultRow } from './result-names.ts';
export * from './row-hash.ts';
export type { Account } from './route-to-node.ts';
export { tlsOptions } from './node-tls.ts';
