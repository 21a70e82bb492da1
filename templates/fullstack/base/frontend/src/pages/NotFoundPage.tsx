import Compass from "lucide-react/icons/compass";
import { Link } from "react-router";
import { useTitle } from "../lib/title";
import { t } from "../words";
import { Notice } from "../components/States";

export function NotFoundPage() {
  useTitle(t("not_found_title"));
  return (
    <div className="page">
      <h1 className="sr-only">{t("not_found_title")}</h1>
      <Notice
        icon={Compass}
        title={t("not_found_title")}
        action={
          <Link className="button" to="/">
            {t("back_home")}
          </Link>
        }
      >
        {t("not_found_text")}
      </Notice>
    </div>
  );
}
