/** How a figure went, without numbers: the shape of the last months. */
export function Sparkline({ values }: { values: number[] }) {
  const low = Math.min(0, ...values);
  const high = Math.max(...values, low + 1);
  const points = values.map((value, index) => [(index / (values.length - 1)) * 100, 30 - ((value - low) / (high - low)) * 28] as const);
  const line = points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");
  return (
    <svg className="sparkline" viewBox="0 0 100 32" preserveAspectRatio="none" aria-hidden>
      <polygon points={`0,32 ${line} 100,32`} />
      <polyline points={line} vectorEffect="non-scaling-stroke" />
    </svg>
  );
}
