import ChartColumn from "lucide-react/icons/chart-column";
import { Link } from "react-router";
import type { Entity } from "../lib/entity";
import { t } from "../words";

export function ReportLink({ entity }: { entity: Entity }) {
  if (!entity.report) return null;
  return (
    <Link className="button" to={entity.report.path}>
      <ChartColumn aria-hidden size={16} /> {t("report")}
    </Link>
  );
}
