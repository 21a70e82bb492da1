import TriangleAlert from "lucide-react/icons/triangle-alert";
import { field, value, type Entity, type Row } from "../lib/entity";
import { number } from "../lib/format";
import { t } from "../words";

/** The mark of a row that runs low. */
export function LowStock({ entity, row }: { entity: Entity; row: Row }) {
  const counted = field(entity, entity.lowStock ?? "");
  const left = Number(value(row, counted.name) ?? 0);
  return (
    <span className="low-stock">
      <TriangleAlert aria-hidden size={14} /> {left > 0 ? t("low_stock", { n: number(left, counted.unit) }) : t("low_stock_none")}
    </span>
  );
}
