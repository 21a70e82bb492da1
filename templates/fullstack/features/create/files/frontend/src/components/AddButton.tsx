import Plus from "lucide-react/icons/plus";
import { Link } from "react-router";
import type { Entity } from "../lib/entity";
import { t } from "../words";

export function AddButton({ entity }: { entity: Entity }) {
  if (!entity.can.create) return null;
  return (
    <Link className="button primary" to={`/${entity.plural}/new`}>
      <Plus aria-hidden size={17} /> {t("add", { label: entity.noun })}
    </Link>
  );
}
