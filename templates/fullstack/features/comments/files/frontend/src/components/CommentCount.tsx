import MessageCircle from "lucide-react/icons/message-circle";
import { value, type Row } from "../lib/entity";
import { number } from "../lib/format";
import { t } from "../words";

export function CommentCount({ row }: { row: Row }) {
  const n = Number(value(row, "comment_count") ?? 0);
  if (!n) return null;
  return (
    <span className="comment-count" title={t("comment_count", { n })}>
      <MessageCircle aria-hidden size={15} strokeWidth={1.75} />
      <span className="number" aria-hidden>
        {number(n)}
      </span>
      <span className="sr-only">{t("comment_count", { n })}</span>
    </span>
  );
}
