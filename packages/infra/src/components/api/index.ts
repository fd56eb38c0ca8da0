import type { ComponentDescriptor } from '../descriptor.ts';
import { apiContainer } from './container.ts';
import { apiProcess } from './native.ts';

/** An HTTP API with products that change, for pipelines that load from one; a part of the platforms that ask for it. */
export const api: ComponentDescriptor = {
  name: 'api',
  kind: 'api',
  native: apiProcess,
  container: apiContainer,
};
