import { writeVerdictsSchema } from './verdicts-schema.ts';

await writeVerdictsSchema();
