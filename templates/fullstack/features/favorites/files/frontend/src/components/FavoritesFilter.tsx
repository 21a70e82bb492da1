import Heart from "lucide-react/icons/heart";
import type { Entity } from "../lib/entity";
import { useListParams } from "../lib/listParams";
import { t } from "../words";

export function FavoritesFilter({ entity }: { entity: Entity }) {
  const { params, change } = useListParams(entity);
  const on = params.get("favorite") === "true";
  return (
    <button type="button" className="button favorites-filter" aria-pressed={on} onClick={() => change({ favorite: on ? null : "true" })}>
      <Heart aria-hidden size={16} fill={on ? "currentColor" : "none"} /> {t("only_favorites")}
    </button>
  );
}
