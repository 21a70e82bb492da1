import Minus from "lucide-react/icons/minus";
import Plus from "lucide-react/icons/plus";
import { api } from "../lib/api";
import { field, titleOf, value, type Entity, type Row } from "../lib/entity";
import { number } from "../lib/format";
import { useQuickChange } from "../lib/queries";
import { toast } from "../lib/toasts";
import { t } from "../words";

/** Points, one more or one less by a click. */
export function ScoreButtons({ entity, row }: { entity: Entity; row: Row }) {
  const { mutate } = useQuickChange(entity, (of, values) => api.update(entity.plural, of.id, values as Record<string, unknown>));
  const of = field(entity, entity.score ?? "");
  const now = Number(value(row, of.name) ?? 0);
  const title = titleOf(entity, row);
  const failed = (error: Error) => toast(t("failed", { reason: error.message }), true);
  const add = (by: number) => mutate({ row, values: { [of.name]: now + by } as Partial<Row> }, { onError: failed });
  return (
    <div className="score" role="group" aria-label={`${of.label}: ${title}`}>
      <button type="button" className="icon-button small" aria-label={t("score_less", { title })} disabled={of.min !== undefined && now <= of.min} onClick={() => add(-1)}>
        <Minus aria-hidden size={15} />
      </button>
      <output className="number">{number(now, of.unit)}</output>
      <button type="button" className="icon-button small" aria-label={t("score_more", { title })} disabled={of.max !== undefined && now >= of.max} onClick={() => add(1)}>
        <Plus aria-hidden size={15} />
      </button>
    </div>
  );
}
