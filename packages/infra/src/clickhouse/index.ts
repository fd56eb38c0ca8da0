export { errorWords } from './error-words.ts';
export * from './node-client.ts';
export * from './quote.ts';
export { tlsOptions } from './node-tls.ts';
