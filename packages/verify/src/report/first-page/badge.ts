import type { Status } from '../../verdict.ts';

/** A status as people see it at a glance; the word is there as well, for who sees no colours. */
export const badge = (status: Status): string => `<span class="badge ${status}">${status}</span>`;
