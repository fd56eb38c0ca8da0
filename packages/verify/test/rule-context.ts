import { localTables, type LocalTable } from '../src/contract/contract.ts';
import type { ClusterContext } from '../src/check.ts';
import { ruleSchema } from '../src/rules/index.ts';
import { impatient } from './changed-context.ts';

/** A table that a test describes, with the rules as a contract writes them. */
export interface RuledTable extends Partial<Omit<LocalTable, 'kind' | 'rules'>> {
  readonly name: string;
  readonly rules: readonly unknown[];
}

/** A context whose contract is about one table and its rules. */
export function withRules(
  context: ClusterContext,
  { rules, ...table }: RuledTable,
): ClusterContext {
  const local: LocalTable = {
    ...{ kind: 'local', columns: {}, exactColumns: false },
    ...table,
    rules: rules.map((rule) => ruleSchema.parse(rule)),
  };
  const contract = { ...context.contract, tables: [local] };
  return impatient({ ...context, contract });
}

/** The contract's own local table with other rules. */
export function withRulesOf(context: ClusterContext, rules: readonly unknown[]): ClusterContext {
  const [local] = localTables(context.contract);
  if (local === undefined) throw new RangeError('the contract has no local table');
  const { statistics: _, ...table } = local;
  return withRules(context, { ...table, rules });
}
