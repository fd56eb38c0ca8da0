/**
 * How it comes that replicas of the embedded engine replicate, or why they do not, in words for people;
 * `reason` is why there is no coordination, where that was not asked for.
 */
export function replicationNote(
  replication: 'keeper' | 'distributed-writes',
  reason?: string,
): string {
  if (replication === 'keeper') {
    return "ClickHouse's own replication, wired by Provehouse in the memory of the embedded engine";
  }
  return `distributed writes${reason === undefined ? '' : `: ${reason}`}`;
}
