import Check from "lucide-react/icons/check";
import { api } from "../lib/api";
import { field, titleOf, value, type Entity, type Row } from "../lib/entity";
import { useQuickChange } from "../lib/queries";
import { toast } from "../lib/toasts";
import { t } from "../words";

interface Props {
  entity: Entity;
  row: Row;
  name: string;
  labelled?: boolean;
}

/** Ticks a row off without opening it. It shows at once and is taken back if the server refuses. */
export function QuickToggle({ entity, row, name, labelled }: Props) {
  const { mutate } = useQuickChange(entity, (of, values) => api.update(entity.plural, of.id, values as Record<string, unknown>));
  const { label, choices } = field(entity, name);
  const on = value(row, name) === true;
  const own = choices?.find((choice) => choice.value === String(labelled ? on : true))?.label ?? label;
  const failed = (error: Error) => toast(t("failed", { reason: error.message }), true);
  return (
    <button
      type="button"
      role="checkbox"
      aria-checked={on}
      aria-label={t("mark", { title: titleOf(entity, row), label: own })}
      className="quick-toggle"
      onClick={() => mutate({ row, values: { [name]: !on } }, { onError: failed })}
    >
      <span className="check-mark">
        <Check aria-hidden size={15} strokeWidth={3} />
      </span>
      {labelled && <span>{own}</span>}
    </button>
  );
}
