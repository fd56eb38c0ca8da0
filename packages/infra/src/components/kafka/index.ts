import type { ComponentDescriptor } from '../descriptor.ts';
import { kafkaContainer } from './container.ts';
import { kafkaProcess } from './native.ts';

/** A broker for streams of events; a part of the platforms that ask for it. */
export const kafka: ComponentDescriptor = {
  name: 'kafka',
  kind: 'kafka',
  native: kafkaProcess,
  container: kafkaContainer,
};
