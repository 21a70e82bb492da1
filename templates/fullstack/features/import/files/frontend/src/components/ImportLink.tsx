import FileUp from "lucide-react/icons/file-up";
import { Link } from "react-router";
import type { Entity } from "../lib/entity";
import { t } from "../words";

export function ImportLink({ entity }: { entity: Entity }) {
  return (
    <Link className="button" to={`/${entity.plural}/import`}>
      <FileUp aria-hidden size={16} /> {t("import")}
    </Link>
  );
}
