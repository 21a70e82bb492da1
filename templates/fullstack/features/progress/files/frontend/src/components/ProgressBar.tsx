import { field, titleOf, value, type Entity, type Row } from "../lib/entity";
import { money, number } from "../lib/format";

/** How far a row has come: a bar, and the same in numbers. */
export function ProgressBar({ entity, row }: { entity: Entity; row: Row }) {
  const { value: name, goal } = entity.progress ?? { value: "", goal: 0 };
  const of = field(entity, name);
  const done = Number(value(row, name) ?? 0);
  const whole = typeof goal === "number" ? goal : Number(value(row, goal) ?? 0);
  if (!(whole > 0)) return null;
  const say = (amount: number) => (of.type === "money" ? money(amount, of.unit) : number(amount, of.unit));
  const percent = Math.round((done / whole) * 100);
  const told = goal === 100 && of.unit === "%" ? say(done) : `${say(done)} / ${say(whole)}`;
  return (
    <div className="progress" data-state={percent > 100 ? "over" : percent === 100 ? "full" : "under"}>
      <div
        className="progress-track"
        role="progressbar"
        aria-label={`${of.label}: ${titleOf(entity, row)}`}
        aria-valuemin={0}
        aria-valuemax={whole}
        aria-valuenow={Math.min(done, whole)}
        aria-valuetext={told}
      >
        <i style={{ width: `${Math.max(0, Math.min(100, percent))}%` }} />
      </div>
      <span className="number">{told}</span>
    </div>
  );
}
