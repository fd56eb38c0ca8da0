import { writeChecksPage } from './checks-page.ts';

await writeChecksPage();
