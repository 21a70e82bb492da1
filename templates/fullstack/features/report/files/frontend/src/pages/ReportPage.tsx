import { keepPreviousData, useQuery } from "@tanstack/react-query";
import ArrowLeft from "lucide-react/icons/arrow-left";
import ChartColumn from "lucide-react/icons/chart-column";
import Download from "lucide-react/icons/download";
import { Link, useSearchParams } from "react-router";
import { PrintButton } from "../components/PrintButton";
import { ReportForm } from "../components/ReportForm";
import { ReportTable, type ReportData } from "../components/ReportTable";
import { Failure, Notice, Skeletons } from "../components/States";
import { request } from "../lib/api";
import type { Entity, ReportOf } from "../lib/entity";
import { moment } from "../lib/format";
import { useTitle } from "../lib/title";
import { t } from "../words";

/** Totals of a period by one thing, and across another. The address says which, so that a report can be shared. */
export function ReportPage({ entity }: { entity: Entity; label: string }) {
  useTitle(t("report_title", { label: entity.labelPlural }));
  return entity.report ? <Report entity={entity} report={entity.report} /> : null;
}

function Report({ entity, report }: { entity: Entity; report: ReportOf }) {
  const [address] = useSearchParams();
  const by = known(address.get("by"), report.by.map((one) => one.by)) ?? report.by[0]?.by ?? "";
  const others = report.by.map((one) => one.by).filter((one) => one !== by);
  const across = known(address.get("across"), ["", ...others]) ?? others.find((one) => one.startsWith("month:")) ?? others[0] ?? "";
  const measure = known(address.get("measure"), report.measures.map((one) => one.measure)) ?? report.measures[0]?.measure ?? "count";
  const [from, to] = ["from", "to"].map((name) => address.get(name) ?? "") as [string, string];
  const query = new URLSearchParams({ by, measure });
  if (across && across !== by) query.set("across", across);
  if (report.date && from) query.set(`${report.date}_min`, from);
  if (report.date && to) query.set(`${report.date}_max`, to);
  const found = useQuery({
    queryKey: [entity.plural, "report", query.toString()],
    queryFn: () => request<ReportData>("GET", `${entity.plural}/report?${query}`),
    placeholderData: keepPreviousData,
  });
  const said = report.measures.find((one) => one.measure === measure)?.label ?? "";
  return (
    <div className="page report">
      <Link className="back-link" to={entity.home}>
        <ArrowLeft aria-hidden size={16} /> {t("back_to", { label: entity.nounPlural })}
      </Link>
      <header className="page-head">
        <div>
          <h1>{t("report_title", { label: entity.labelPlural })}</h1>
          <p className="text-muted">
            {said} · {period(from, to)}
          </p>
        </div>
        <div className="page-actions">
          <PrintButton />
          <a className="button" href={`/api/${entity.plural}/report.csv?${query}`} download={`${entity.plural}-report.csv`}>
            <Download aria-hidden size={16} /> CSV
          </a>
        </div>
      </header>
      <ReportForm report={report} chosen={{ by, across, measure, from, to }} />
      {found.error && <Failure error={found.error} retry={() => void found.refetch()} />}
      {found.isPending && <Skeletons count={6} shape="line" />}
      {found.data && found.data.lines.length === 0 && (
        <Notice icon={ChartColumn} title={t("report_empty_title")}>
          {t("report_empty_text")}
        </Notice>
      )}
      {found.data && found.data.lines.length > 0 && <ReportTable entity={entity} data={found.data} by={by} across={across} measure={measure} label={said} />}
    </div>
  );
}

function known(wish: string | null, options: string[]) {
  return wish !== null && options.includes(wish) ? wish : undefined;
}

function period(from: string, to: string) {
  if (!from && !to) return t("report_all");
  return [from, to].map((day) => (day ? moment(day, "date") : "…")).join(" – ");
}
