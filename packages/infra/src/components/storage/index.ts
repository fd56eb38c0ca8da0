import type { ComponentDescriptor } from '../descriptor.ts';
import { storageContainer } from './container.ts';
import { storageProcess } from './native.ts';

/** Object storage by the protocol of S3; a part of the platforms that ask for it. */
export const storage: ComponentDescriptor = {
  name: 'storage',
  kind: 'storage',
  native: storageProcess,
  container: storageContainer,
};
