import { useQueries, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { entities } from "../entities";
import { api } from "../lib/api";
import { titleOf } from "../lib/entity";
import { listOptions } from "../lib/queries";
import { t } from "../words";
import type { ControlProps } from "./FieldControl";

const MOST = 100;

/** Rows to choose from. Beyond what a list can hold, one searches for them; what is chosen always stays in view. */
export function RelationControl({ field, value, change, control }: ControlProps) {
  const target = field.target ? entities[field.target] : undefined;
  const [find, setFind] = useState("");
  const chosen = Array.isArray(value) ? value : [String(value)].filter(Boolean);
  const [known, setKnown] = useState<Record<string, string>>({});
  const query = new URLSearchParams({ size: String(MOST) });
  if (find) query.set("q", find);
  const { data } = useQuery({ ...listOptions(field.target ?? "", query), enabled: Boolean(target) });
  const missing = useQueries({
    queries: chosen.map((id) => ({
      queryKey: [field.target, "row", id],
      queryFn: () => api.get(field.target ?? "", id),
      enabled: Boolean(target && data && !known[id] && !data.items.some((row) => String(row.id) === id)),
    })),
  });
  if (!target) return null;
  const found = (data?.items ?? []).map((row) => ({ id: String(row.id), label: titleOf(target, row) }));
  const kept = chosen
    .filter((id) => !found.some((one) => one.id === id))
    .map((id) => ({ id, label: known[id] ?? missing.flatMap((one) => (String(one.data?.id) === id && one.data ? [titleOf(target, one.data)] : []))[0] ?? "…" }));
  const options = [...kept, ...found];
  const isLong = find !== "" || (data?.total ?? 0) > (field.many ? 12 : MOST);

  function choose(id: string) {
    const label = options.find((one) => one.id === id)?.label;
    if (label) setKnown((now) => ({ ...now, [id]: label }));
    if (!field.many) change(id);
    else change(chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id]);
  }

  return (
    <div role={field.many ? "group" : undefined} aria-labelledby={field.many ? `${control.id}-label` : undefined} className="many">
      {isLong && (
        <input
          className="input"
          type="search"
          aria-label={t("find_option", { label: target.nounPlural })}
          placeholder={t("find_option", { label: target.nounPlural })}
          value={find}
          onChange={(e) => setFind(e.target.value)}
        />
      )}
      {field.many ? (
        <div className="chips">
          {options.map(({ id, label }) => (
            <button key={id} type="button" className="chip" aria-pressed={chosen.includes(id)} onClick={() => choose(id)}>
              {label}
            </button>
          ))}
          {data && !options.length && <p className="text-muted">{t("no_options", { label: target.nounPlural })}</p>}
        </div>
      ) : (
        <select {...control} className="input" value={String(value)} onChange={(e) => choose(e.target.value)}>
          <option value="">{data && !options.length ? t("no_options", { label: target.nounPlural }) : t("choose")}</option>
          {options.map(({ id, label }) => (
            <option key={id} value={id}>
              {label}
            </option>
          ))}
        </select>
      )}
    </div>
  );
}
