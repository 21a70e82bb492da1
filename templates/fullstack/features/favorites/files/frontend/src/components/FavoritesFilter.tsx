import Heart from "lucide-react/icons/heart";
import type { Entity } from "../lib/entity";
import { useListParams } from "../lib/listParams";
import { t } from "../words";

export function FavoritesFilter({ entity }: { entity: Entity }) {
  const { params, change } = useListParams(entity);
  const on = params.get("favorite") === "true";
  const turn = () => change({ favorite: on ? null : "true" });
  return (
    <button type="button" className="button favorites-filter" aria-pressed={on} aria-label={t("only_favorites")} onClick={turn}>
      <Heart aria-hidden size={16} fill={on ? "currentColor" : "none"} /> <span>{t("only_favorites")}</span>
    </button>
  );
}
