import { useQuery } from "@tanstack/react-query";
import { request } from "../lib/api";
import { tinted } from "../lib/color";
import { field, type Entity } from "../lib/entity";
import { number } from "../lib/format";
import { useListParams } from "../lib/listParams";
import { t } from "../words";

interface Category {
  value: string | number;
  label: string;
  count: number;
  color?: string | null;
}

/** Where the list's rows belong, and how many belong there. One category at a time narrows the list. */
export function Categories({ entity, name }: { entity: Entity; name: string }) {
  const { params, change } = useListParams(entity);
  const { data } = useQuery({
    queryKey: [entity.plural, "facets"],
    queryFn: () => request<Record<string, Category[]>>("GET", `${entity.plural}/facets`),
  });
  const { choices, label } = field(entity, name);
  const found = data?.[name];
  if (!found?.length) return null;
  const chosen = params.get(name) ?? "";
  const whole = { value: "", label: t("all"), count: found.reduce((sum, { count }) => sum + count, 0), color: undefined };
  return (
    <nav className="categories" aria-label={label}>
      {[whole, ...found].map((category) => {
        const choice = choices?.find(({ value }) => value === category.value);
        const value = String(category.value);
        return (
          <button
            key={value}
            type="button"
            className="category"
            aria-pressed={chosen === value}
            style={tinted(choice?.color ?? category.color ?? undefined)}
            onClick={() => change({ [name]: value || null })}
          >
            <span>{choice?.label ?? category.label}</span>
            <small className="number">{number(category.count)}</small>
          </button>
        );
      })}
    </nav>
  );
}
