import CircleAlert from "lucide-react/icons/circle-alert";
import CircleCheck from "lucide-react/icons/circle-check";
import X from "lucide-react/icons/x";
import { dismiss, useToasts } from "../lib/toasts";
import { t } from "../words";

export function Toasts() {
  return (
    <div className="toasts" role="status" aria-live="polite">
      {useToasts().map(({ id, text, failed }) => {
        const Icon = failed ? CircleAlert : CircleCheck;
        return (
          <div key={id} className="toast">
            <Icon aria-hidden size={18} className={failed ? "text-danger" : "text-success"} />
            <span>{text}</span>
            <button type="button" className="icon-button small" onClick={() => dismiss(id)} aria-label={t("dismiss")}>
              <X aria-hidden size={16} />
            </button>
          </div>
        );
      })}
    </div>
  );
}
