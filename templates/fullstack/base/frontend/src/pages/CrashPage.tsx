import TriangleAlert from "lucide-react/icons/triangle-alert";
import { Notice } from "../components/States";
import { t } from "../words";

/** Shown instead of the whole page when drawing it failed. */
export function CrashPage() {
  return (
    <main className="app-main">
      <h1 className="sr-only">{t("crash_title")}</h1>
      <Notice
        icon={TriangleAlert}
        title={t("crash_title")}
        action={
          <button type="button" className="button" onClick={() => location.reload()}>
            {t("reload")}
          </button>
        }
      >
        {t("crash_text")}
      </Notice>
    </main>
  );
}
