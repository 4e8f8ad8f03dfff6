/** The few figures that a benchmark needs. */

export function median(values) {
  return percentile(values, 0.5);
}

/** By nearest rank, so that it is always a value that was measured; the median of an even number is the mean of its middle two. */
export function percentile(values, share) {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length / 2;
  if (share === 0.5 && Number.isInteger(middle)) return (sorted[middle - 1] + sorted[middle]) / 2;
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}

/** `{ median, min, max }`. */
export function spread(values) {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}
