import ThumbsUp from "lucide-react/icons/thumbs-up";
import { request } from "../lib/api";
import { titleOf, value, type Entity, type Row } from "../lib/entity";
import { number } from "../lib/format";
import { useQuickChange } from "../lib/queries";
import { toast } from "../lib/toasts";
import { t } from "../words";

export function LikeButton({ entity, row }: { entity: Entity; row: Row }) {
  const send = (of: Row, values: Partial<Row>) => request<void>(values.liked ? "PUT" : "DELETE", `${entity.plural}/${of.id}/like`);
  const { mutate } = useQuickChange(entity, send);
  const on = row.liked ?? false;
  const likes = Number(value(row, "likes"));
  const label = t(on ? "like_remove" : "like_add", { title: titleOf(entity, row) });
  const failed = (error: Error) => toast(t("failed", { reason: error.message }), true);
  return (
    <button
      type="button"
      className="icon-button like"
      aria-pressed={on}
      title={label}
      onClick={() => mutate({ row, values: { liked: !on, likes: likes + (on ? -1 : 1) } as Partial<Row> }, { onError: failed })}
    >
      <ThumbsUp aria-hidden size={17} strokeWidth={1.75} />
      <span className="sr-only">{`${label} (${number(likes)})`}</span>
      {likes > 0 && (
        <span aria-hidden className="number">
          {number(likes)}
        </span>
      )}
    </button>
  );
}
