import { writeBoards } from './index.ts';

await writeBoards();
