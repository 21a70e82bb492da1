import type { Entity, Field } from "../lib/entity";
import { field } from "../lib/entity";
import { useListParams } from "../lib/listParams";
import { t } from "../words";

const WORDS = new Set(["string", "text", "email", "url", "phone", "choice", "relation", "color", "image", "file"]);
const MOMENTS = new Set(["date", "datetime", "time"]);

export function SortMenu({ entity }: { entity: Entity }) {
  const { params, change } = useListParams(entity);
  const sort = entity.sort;
  if (!sort) return null;
  return (
    <select
      className="input sort-menu"
      aria-label={t("sort_by")}
      value={params.get("sort") ?? sort.default ?? ""}
      onChange={(event) => change({ sort: event.target.value === (sort.default ?? "") ? null : event.target.value })}
    >
      {!sort.default && <option value="">{t("as_added")}</option>}
      {sort.fields.flatMap((name) => {
        const [up, down] = orders(field(entity, name));
        return [
          <option key={name} value={name}>
            {up}
          </option>,
          <option key={`-${name}`} value={`-${name}`}>
            {down}
          </option>,
        ];
      })}
    </select>
  );
}

/** What ascending and descending mean for a field of this type. */
function orders({ type, label }: Field) {
  if (WORDS.has(type)) return [t("a_to_z", { label }), t("z_to_a", { label })];
  if (MOMENTS.has(type)) return [t("oldest", { label }), t("newest", { label })];
  return [t("ascending", { label }), t("descending", { label })];
}
