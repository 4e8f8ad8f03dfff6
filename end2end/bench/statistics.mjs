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

/** `{ count, p50, p95, p99, slowest }`; all but the count are NaN where there is nothing. */
export function figuresOf(values) {
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((share) => (values.length === 0 ? NaN : percentile(values, share)));
  return { count: values.length, p50, p95, p99, slowest: values.reduce((most, value) => Math.max(most, value), -Infinity) };
}

/** The line that is nearest to the points `[x, y]` by least squares: `{ slope, error }`, the standard error of the slope. */
export function fittedLine(points) {
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [0, 1].map((axis) => mean(points.map((point) => point[axis])));
  const squares = points.reduce((sum, [one]) => sum + (one - x) ** 2, 0);
  const slope = points.reduce((sum, [one, other]) => sum + (one - x) * (other - y), 0) / squares;
  const rest = points.reduce((sum, [one, other]) => sum + (other - y - slope * (one - x)) ** 2, 0);
  return { slope, error: Math.sqrt(rest / (points.length - 2) / squares) };
}

/** `{ median, min, max }`. */
export function spread(values) {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}
