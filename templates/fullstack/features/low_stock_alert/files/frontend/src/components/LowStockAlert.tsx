import { useQuery } from "@tanstack/react-query";
import TriangleAlert from "lucide-react/icons/triangle-alert";
import type { Entity } from "../lib/entity";
import { useListParams } from "../lib/listParams";
import { listOptions } from "../lib/queries";
import { t } from "../words";

/** How much runs low, above the list, and a click to see nothing else. */
export function LowStockAlert({ entity }: { entity: Entity }) {
  const { params, change } = useListParams(entity);
  const { data } = useQuery(listOptions(entity.plural, new URLSearchParams({ low_stock: "true", size: "1" })));
  const on = params.get("low_stock") === "true";
  if (!data?.total && !on) return null;
  return (
    <div className="low-stock-alert" role="status">
      <TriangleAlert aria-hidden size={20} strokeWidth={1.75} />
      <p>{t("low_stock_count", { n: data?.total ?? 0, label: entity.nounPlural })}</p>
      <button type="button" className="button" aria-pressed={on} onClick={() => change({ low_stock: on ? null : "true" })}>
        {on ? t("low_stock_all") : t("low_stock_only")}
      </button>
    </div>
  );
}
