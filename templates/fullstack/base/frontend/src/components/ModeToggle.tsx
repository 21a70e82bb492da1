import Moon from "lucide-react/icons/moon";
import Sun from "lucide-react/icons/sun";
import { useMode } from "../lib/mode";
import { t } from "../words";

export function ModeToggle() {
  const [mode, toggle] = useMode();
  const label = mode === "dark" ? t("to_light") : t("to_dark");
  const Icon = mode === "dark" ? Sun : Moon;
  return (
    <button type="button" className="icon-button" onClick={toggle} aria-label={label} title={label}>
      <Icon aria-hidden size={18} strokeWidth={1.75} />
    </button>
  );
}
