import Printer from "lucide-react/icons/printer";
import { t } from "../words";

export function PrintButton() {
  return (
    <button type="button" className="button" onClick={() => window.print()}>
      <Printer aria-hidden size={16} /> {t("print")}
    </button>
  );
}
