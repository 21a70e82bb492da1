import Check from "lucide-react/icons/check";
import { api } from "../lib/api";
import { dayOf } from "../lib/days";
import { field, titleOf, value, type Entity, type Row } from "../lib/entity";
import { useQuickChange } from "../lib/queries";
import { toast } from "../lib/toasts";
import { t } from "../words";

/** One click says that it was done now. */
export function StampButton({ entity, row }: { entity: Entity; row: Row }) {
  const { mutate, isPending } = useQuickChange(entity, (of, values) => api.update(entity.plural, of.id, values as Record<string, unknown>));
  const { field: name, label } = entity.stamp ?? { field: "", label: "" };
  const isDay = field(entity, name).type === "date";
  const isDone = isDay && value(row, name) === dayOf(new Date());
  const failed = (error: Error) => toast(t("failed", { reason: error.message }), true);

  function stamp() {
    const now = new Date();
    const moment = isDay ? dayOf(now) : `${dayOf(now)}T${now.toTimeString().slice(0, 8)}`;
    mutate({ row, values: { [name]: moment } as Partial<Row> }, { onError: failed });
  }

  return (
    <button type="button" className="button" disabled={isPending || isDone} aria-label={`${label}: ${titleOf(entity, row)}`} onClick={stamp}>
      <Check aria-hidden size={15} /> {label}
    </button>
  );
}
