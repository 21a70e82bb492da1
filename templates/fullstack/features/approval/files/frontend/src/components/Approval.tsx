import CircleCheck from "lucide-react/icons/circle-check";
import CircleX from "lucide-react/icons/circle-x";
import { api } from "../lib/api";
import { field, value, type Entity, type Row } from "../lib/entity";
import { useQuickChange } from "../lib/queries";
import { toast } from "../lib/toasts";
import { t } from "../words";

/** Two buttons that decide about a row; afterwards, what was decided. */
export function Approval({ entity, row }: { entity: Entity; row: Row }) {
  const { mutate, isPending } = useQuickChange(entity, (of, values) => api.update(entity.plural, of.id, values as Record<string, unknown>));
  const { field: name, approved, rejected, at } = entity.approval ?? { field: "", approved: "", rejected: "" };
  const now = value(row, name);
  const failed = (error: Error) => toast(t("failed", { reason: error.message }), true);

  function decide(decision: string) {
    const when = at ? { [at]: localNow(field(entity, at).type === "date") } : {};
    mutate({ row, values: { [name]: decision, ...when } as Partial<Row> }, { onError: failed });
  }

  if (now === approved || now === rejected) return null;
  return (
    <div className="approval" role="group" aria-label={field(entity, name).label}>
      <button type="button" className="button primary" disabled={isPending} onClick={() => decide(approved)}>
        <CircleCheck aria-hidden size={16} /> {t("approve")}
      </button>
      <button type="button" className="button" disabled={isPending} onClick={() => decide(rejected)}>
        <CircleX aria-hidden size={16} /> {t("reject")}
      </button>
    </div>
  );
}

function localNow(isDay: boolean) {
  const now = new Date();
  const moment = new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString();
  return moment.slice(0, isDay ? 10 : 19);
}
