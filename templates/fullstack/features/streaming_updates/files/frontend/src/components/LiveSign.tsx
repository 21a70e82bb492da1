import { useIsLive } from "../lib/live";
import { t } from "../words";

/** Says whether the page keeps itself up to date. */
export function LiveSign() {
  const on = useIsLive();
  return (
    <span className={on ? "live-sign on" : "live-sign"} role="status" title={t(on ? "live_on" : "live_off")}>
      <i aria-hidden />
      <span className={on ? "sr-only" : undefined}>{t(on ? "live" : "live_off")}</span>
    </span>
  );
}
