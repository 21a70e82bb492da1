import BellRing from "lucide-react/icons/bell-ring";
import type { Entity } from "../lib/entity";
import { useListParams } from "../lib/listParams";
import { t } from "../words";

export function FollowedFilter({ entity }: { entity: Entity }) {
  const { params, change } = useListParams(entity);
  const on = params.get("followed") === "true";
  return (
    <button type="button" className="button" aria-pressed={on} onClick={() => change({ followed: on ? null : "true" })}>
      <BellRing aria-hidden size={16} /> {t("following")}
    </button>
  );
}
