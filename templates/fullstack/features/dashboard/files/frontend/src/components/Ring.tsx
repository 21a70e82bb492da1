import { isColor } from "../lib/color";
import { percent } from "../lib/scale";
import type { PlotProps } from "./Columns";

const RADIUS = 42;
const ROUND = 2 * Math.PI * RADIUS;
const GAP = 1.5;

/** Parts of a whole, with the whole in the middle and every part named beside it. */
export function Ring({ slices, measured, say }: PlotProps) {
  const parts = slices.filter(({ value }) => value > 0);
  const total = parts.reduce((sum, { value }) => sum + value, 0);
  const starts = parts.map((_, index) => parts.slice(0, index).reduce((sum, { value }) => sum + value, 0));
  return (
    <div className="plot ring-plot" aria-hidden>
      <div className="ring-round">
        <svg viewBox="0 0 100 100">
          {parts.map(({ key, value, color }, index) => (
            <circle
              key={key}
              cx="50"
              cy="50"
              r={RADIUS}
              style={{ stroke: shade(color, index) }}
              strokeDasharray={`${Math.max((value / total) * ROUND - (parts.length > 1 ? GAP : 0), 0.5)} ${ROUND}`}
              strokeDashoffset={-((starts[index] ?? 0) / total) * ROUND}
            />
          ))}
        </svg>
        <p className="ring-total">
          <strong className="number">{say(total)}</strong>
          <span>{measured}</span>
        </p>
      </div>
      <ul className="ring-parts">
        {parts.map(({ key, label, value, color }, index) => (
          <li key={key}>
            <i style={{ backgroundColor: shade(color, index) }} />
            <span>{label}</span>
            <strong className="number">{say(value)}</strong>
            <span className="number text-muted">{percent(value / total)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** The part's own colour, else a step between the accent and the page. */
function shade(color: string | undefined, index: number) {
  return isColor(color) ? color : `color-mix(in oklab, var(--accent-edge) ${Math.max(100 - index * 17, 20)}%, var(--surface))`;
}
