import BellPlus from "lucide-react/icons/bell-plus";
import BellRing from "lucide-react/icons/bell-ring";
import { request } from "../lib/api";
import { titleOf, value, type Entity, type Row } from "../lib/entity";
import { number } from "../lib/format";
import { useQuickChange } from "../lib/queries";
import { toast } from "../lib/toasts";
import { t } from "../words";

export function FollowButton({ entity, row }: { entity: Entity; row: Row }) {
  const send = (of: Row, values: Partial<Row>) => request<void>(values.followed ? "PUT" : "DELETE", `${entity.plural}/${of.id}/follow`);
  const { mutate } = useQuickChange(entity, send);
  const on = row.followed ?? false;
  const followers = Number(value(row, "followers"));
  const label = t(on ? "follow_remove" : "follow_add", { title: titleOf(entity, row) });
  const failed = (error: Error) => toast(t("failed", { reason: error.message }), true);
  const Icon = on ? BellRing : BellPlus;
  return (
    <button
      type="button"
      className="icon-button follow"
      aria-pressed={on}
      title={label}
      onClick={() => mutate({ row, values: { followed: !on, followers: followers + (on ? -1 : 1) } as Partial<Row> }, { onError: failed })}
    >
      <Icon aria-hidden size={17} strokeWidth={1.75} />
      <span className="sr-only">{`${label} (${number(followers)})`}</span>
      <span aria-hidden className="follow-label">
        {t(on ? "following" : "follow")}
      </span>
      {followers > 0 && (
        <span aria-hidden className="number">
          {number(followers)}
        </span>
      )}
    </button>
  );
}
