import { writeContractSchema } from './contract-schema.ts';

await writeContractSchema();
