import Scale from "lucide-react/icons/scale";
import { usePicks } from "../lib/compare";
import { titleOf, type Entity, type Row } from "../lib/entity";
import { toast } from "../lib/toasts";
import { t } from "../words";

export function CompareButton({ entity, row }: { entity: Entity; row: Row }) {
  const picks = usePicks(entity);
  const on = picks.ids.includes(row.id);
  const label = t(on ? "compare_remove" : "compare_add", { title: titleOf(entity, row) });

  function turn() {
    if (on) picks.remove(row.id);
    else if (picks.full) toast(t("compare_full", { n: entity.compare ?? 0 }), true);
    else picks.add(row.id);
  }

  return (
    <button type="button" className="icon-button pick" aria-pressed={on} aria-label={label} title={label} onClick={turn}>
      <Scale aria-hidden size={18} strokeWidth={1.75} />
    </button>
  );
}
