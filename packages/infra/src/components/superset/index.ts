import type { ComponentDescriptor } from '../descriptor.ts';
import { supersetContainer } from './container.ts';
import { supersetProcess } from './native.ts';

/** Superset, in which people look at the tables; a part of the platforms that ask for it. */
export const superset: ComponentDescriptor = {
  name: 'superset',
  kind: 'superset',
  native: supersetProcess,
  container: supersetContainer,
};
