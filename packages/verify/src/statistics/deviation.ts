/**
 * How far each count is from its share of the whole by weight, in percent of that share: −100 for
 * nothing at all, 100 for twice as much. Where nothing is expected there is no share, and it is 0.
 */
export function deviationPercent(counts: readonly number[], weights: readonly number[]): number[] {
  const rows = counts.reduce((all, count) => all + count, 0);
  const total = weights.reduce((all, weight) => all + weight, 0);
  return counts.map((count, index) => {
    const share = (rows * (weights[index] ?? 0)) / total;
    return share > 0 ? ((count - share) / share) * 100 : 0;
  });
}
