export { errorWords } from './error-words.ts';
export { placeOf, proxyOf } from './node-address.ts';
export * from './node-client.ts';
export * from './quote.ts';
export { tlsOptions } from './node-tls.ts';
