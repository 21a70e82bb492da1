import { field, type Entity } from "../lib/entity";
import { useListParams } from "../lib/listParams";
import { say, slicesOf, useStats, type Query } from "../lib/stats";

const MOST = 12;

/** What the list, as it is narrowed, adds up to: all of it, and by group. A click on a group narrows the list to it. */
export function StatsPanel({ entity }: { entity: Entity }) {
  const { params, change } = useListParams(entity);
  const { by, measure, measured, title } = entity.stats ?? { by: "", measure: "count", measured: "", title: "" };
  const monthly = by.startsWith("month:");
  const narrowed: Query = {};
  for (const name of new Set(params.keys())) if (!["page", "sort"].includes(name)) narrowed[name] = params.getAll(name);
  const all = useStats(entity, { ...narrowed, measure });
  const groups = useStats(entity, { ...narrowed, by, measure });
  const slices = slicesOf(entity, by, groups.data ?? []).slice(monthly ? -MOST : 0).slice(0, MOST);
  const total = all.data?.[0]?.value ?? 0;
  if (!slices.length) return null;
  const narrows = ["choice", "boolean", "relation"].includes(field(entity, by.replace("month:", "")).type);
  return (
    <section className="panel stats" aria-label={title}>
      <p className="stats-total">
        <span>{measured}</span>
        <strong className="number">{say(entity, measure, total)}</strong>
      </p>
      <ul className="stats-groups">
        {slices.map(({ key, label, value }) => {
          const chosen = params.getAll(by).includes(key);
          const words = (
            <>
              <span>{label}</span> <strong className="number">{say(entity, measure, value, total)}</strong>
            </>
          );
          return (
            <li key={key}>
              {narrows && key ? (
                <button type="button" aria-pressed={chosen} onClick={() => change({ [by]: chosen ? null : key })}>
                  {words}
                </button>
              ) : (
                <p>{words}</p>
              )}
            </li>
          );
        })}
      </ul>
    </section>
  );
}
