import Pencil from "lucide-react/icons/pencil";
import { Link } from "react-router";
import { titleOf, type Entity, type Row } from "../lib/entity";
import { t } from "../words";

export function EditLink({ entity, row }: { entity: Entity; row: Row }) {
  const label = t("edit_this", { title: titleOf(entity, row) });
  return (
    <Link className="icon-button" to={`/${entity.plural}/${row.id}/edit`} aria-label={label} title={label}>
      <Pencil aria-hidden size={17} strokeWidth={1.75} />
    </Link>
  );
}
