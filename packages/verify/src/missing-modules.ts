import type { Deployment, Module } from '@provehouse/infra';
import type { Contract } from './contract/contract.ts';

/** The modules that a contract's pipeline needs and the platform lacks. */
export const missingModules = (
  { pipeline }: Pick<Contract, 'pipeline'>,
  deployment: Pick<Deployment, Module>,
): readonly Module[] =>
  (pipeline?.modules ?? []).filter((module) => deployment[module] === undefined);

/** What is missing and how a platform gets it, as sentences. */
export const howToGet = (modules: readonly Module[]): string =>
  `Expected a platform with ${modules.join(' and ')}, found one without. ` +
  `Stop it, which keeps its data, and start it again: infra:down, then infra:up --with ${modules.join(',')} ` +
  'and whatever else it had.';
