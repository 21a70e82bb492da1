import Play from "lucide-react/icons/play";
import Square from "lucide-react/icons/square";
import { api } from "../lib/api";
import { sayElapsed, useElapsed, wallClock } from "../lib/clock";
import { titleOf, value, type Entity, type Row } from "../lib/entity";
import { useQuickChange } from "../lib/queries";
import { toast } from "../lib/toasts";
import { t } from "../words";

/** Starts and stops a row, and shows how long it runs or ran. */
export function TimerButton({ entity, row }: { entity: Entity; row: Row }) {
  const { mutate, isPending } = useQuickChange(entity, (of, values) => api.update(entity.plural, of.id, values as Record<string, unknown>));
  const { start, stop } = entity.timer ?? { start: "", stop: "" };
  const [from, to] = [value(row, start) as string | null, value(row, stop) as string | null];
  const seconds = useElapsed(from, to);
  const failed = (error: Error) => toast(t("failed", { reason: error.message }), true);
  const write = (name: string) => mutate({ row, values: { [name]: wallClock() } as Partial<Row> }, { onError: failed });
  const runs = Boolean(from && !to);
  return (
    <div className="timer" data-runs={runs}>
      {from && (
        <span className="number" role={runs ? "timer" : undefined}>
          {sayElapsed(seconds, runs)} {!runs && t("hours_short")}
        </span>
      )}
      {!to && (
        <button type="button" className="button" disabled={isPending} aria-label={`${t(runs ? "timer_stop" : "timer_start")}: ${titleOf(entity, row)}`} onClick={() => write(runs ? stop : start)}>
          {runs ? <Square aria-hidden size={14} /> : <Play aria-hidden size={14} />} {t(runs ? "timer_stop" : "timer_start")}
        </button>
      )}
    </div>
  );
}
