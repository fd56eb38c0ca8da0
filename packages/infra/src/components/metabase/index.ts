import type { ComponentDescriptor } from '../descriptor.ts';
import { metabaseContainer } from './container.ts';

/** Metabase, in which people look at the tables; a part of the platforms that ask for it. */
export const metabase: ComponentDescriptor = {
  name: 'metabase',
  kind: 'metabase',
  onlyInContainers: 'no registry of packages has Metabase',
  container: metabaseContainer,
};
