import type { Columns } from '@provehouse/infra/clickhouse';
import type { LocalTable } from '../contract/contract.ts';

export {
  contentHash,
  rowHash,
  valueOf,
  type Columns,
  type HashOptions,
} from '@provehouse/infra/clickhouse';

/** The columns that a contract names when it names all of them, else none, which stands for all. */
export const hashedColumns = ({ columns, exactColumns }: LocalTable): Columns =>
  exactColumns ? columns : {};
