import Heart from "lucide-react/icons/heart";
import { request } from "../lib/api";
import { titleOf, type Entity, type Row } from "../lib/entity";
import { useQuickChange } from "../lib/queries";
import { toast } from "../lib/toasts";
import { t } from "../words";

export function FavoriteButton({ entity, row }: { entity: Entity; row: Row }) {
  const send = (of: Row, values: Partial<Row>) =>
    request<void>(values.favorite ? "PUT" : "DELETE", `${entity.plural}/${of.id}/favorite`);
  const { mutate } = useQuickChange(entity, send);
  const title = titleOf(entity, row);
  const on = row.favorite ?? false;
  const label = t(on ? "favorite_remove" : "favorite_add", { title });
  const failed = (error: Error) => toast(t("failed", { reason: error.message }), true);
  return (
    <button
      type="button"
      className="icon-button heart"
      aria-pressed={on}
      aria-label={label}
      title={label}
      onClick={() => mutate({ row, values: { favorite: !on } }, { onError: failed })}
    >
      <Heart aria-hidden size={18} strokeWidth={1.75} />
    </button>
  );
}
