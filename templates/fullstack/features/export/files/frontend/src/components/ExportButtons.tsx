import Download from "lucide-react/icons/download";
import type { Entity } from "../lib/entity";
import { useListParams } from "../lib/listParams";
import { t } from "../words";

/** Downloads what the list shows now, all pages of it. */
export function ExportButtons({ entity }: { entity: Entity }) {
  const { params } = useListParams(entity);
  const query = new URLSearchParams(params);
  query.delete("page");
  return entity.exports?.map((format) => (
    <a
      key={format}
      className="button"
      href={`/api/${entity.plural}/export.${format}?${query}`}
      download={`${entity.plural}.${format}`}
      title={t("export_as", { format: format.toUpperCase() })}
    >
      <Download aria-hidden size={16} /> {format.toUpperCase()}
    </a>
  ));
}
