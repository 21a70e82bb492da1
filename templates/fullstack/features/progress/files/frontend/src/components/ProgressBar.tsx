import { field, titleOf, value, type Entity, type Row } from "../lib/entity";
import { money, number } from "../lib/format";

/** How far a row has come: a bar, and the same in numbers. To pass a goal is as good as to reach it, to pass a limit is not. */
export function ProgressBar({ entity, row }: { entity: Entity; row: Row }) {
  const { value: name, goal, limit } = entity.progress ?? { value: "", goal: 0 };
  const of = field(entity, name);
  const done = Number(value(row, name) ?? 0);
  const whole = typeof goal === "number" ? goal : Number(value(row, goal) ?? 0);
  if (!(whole > 0)) return null;
  const say = (amount: number) => (of.type === "money" ? money(amount, of.unit) : number(amount, of.unit));
  const percent = Math.round((done / whole) * 100);
  const told = goal === 100 && of.unit === "%" ? say(done) : `${say(done)} / ${say(whole)}`;
  return (
    <div className="progress" data-state={limit && done > whole ? "over" : !limit && done >= whole ? "reached" : "under"}>
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
