import Printer from "lucide-react/icons/printer";
import { Link } from "react-router";
import type { Entity } from "../lib/entity";
import { useListParams } from "../lib/listParams";
import { t } from "../words";

/** Leads to the whole list as it is narrowed, ready for paper. */
export function PrintLink({ entity }: { entity: Entity }) {
  const { params } = useListParams(entity);
  if (!entity.can.print) return null;
  const query = new URLSearchParams(params);
  query.delete("page");
  return (
    <Link className="button" to={`/${entity.plural}/print${query.size ? `?${query}` : ""}`}>
      <Printer aria-hidden size={16} /> {t("print")}
    </Link>
  );
}
