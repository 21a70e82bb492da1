import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { request } from "../lib/api";
import { filled, isColor } from "../lib/color";
import { field, type Entity } from "../lib/entity";
import { number } from "../lib/format";
import { useListParams } from "../lib/listParams";
import { t } from "../words";

interface Tag {
  value: number;
  label: string;
  count: number;
  color?: string | null;
}

const FEW = 14;

/** The tags in use, those of most rows first. One of them at a time narrows the list. */
export function Tags({ entity, name }: { entity: Entity; name: string }) {
  const [all, setAll] = useState(false);
  const { params, change } = useListParams(entity);
  const { data } = useQuery({
    queryKey: [entity.plural, "facets"],
    queryFn: () => request<Record<string, Tag[]>>("GET", `${entity.plural}/facets`),
  });
  const tags = [...(data?.[name] ?? [])].sort((a, b) => b.count - a.count);
  if (!tags.length) return null;
  const chosen = params.get(name);
  const shown = tags.filter(({ value }, index) => all || index < FEW || String(value) === chosen);
  return (
    <div className="tags" role="group" aria-label={field(entity, name).label}>
      {shown.map(({ value, label, count, color }) => {
        const on = chosen === String(value);
        return (
          <button
            key={value}
            type="button"
            className="chip"
            aria-pressed={on}
            style={on && isColor(color) ? filled(color) : undefined}
            onClick={() => change({ [name]: on ? null : String(value) })}
          >
            {isColor(color) && !on && <i aria-hidden style={{ backgroundColor: color }} />}
            {label}
            <small>{number(count)}</small>
          </button>
        );
      })}
      {tags.length > FEW && (
        <button type="button" className="link" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? t("show_fewer") : t("show_all", { n: tags.length })}
        </button>
      )}
    </div>
  );
}
