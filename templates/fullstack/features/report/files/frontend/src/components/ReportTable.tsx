import { field, type Entity } from "../lib/entity";
import { moment, money, number } from "../lib/format";
import { t } from "../words";

interface Group {
  key: string;
  label: string;
}

export interface ReportData {
  columns: Group[];
  lines: (Group & { values: (number | null)[]; total: number | null })[];
  totals: (number | null)[];
  total: number | null;
}

interface Props {
  entity: Entity;
  data: ReportData;
  by: string;
  across: string;
  measure: string;
  label: string;
}

export function ReportTable({ entity, data, by, across, measure, label }: Props) {
  const [, summed] = measure.split(":");
  const of = summed ? field(entity, summed) : undefined;
  const say = (value: number | null) =>
    value === null ? "" : of?.type === "money" ? money(value, undefined, Math.abs(data.total ?? 0) >= 10_000) : number(value);
  const unit = of?.unit ? ` (${of.unit})` : "";
  const total = measure.startsWith("avg") ? t("report_average") : t("report_total");
  return (
    <div className="report-frame" role="region" aria-label={label} tabIndex={0}>
      <table className="report-table">
        <caption className="sr-only">
          {label}
          {unit}
        </caption>
        <thead>
          <tr>
            <th scope="col">{field(entity, by.replace("month:", "")).label}</th>
            {data.columns.map((column) => (
              <th key={column.key} scope="col">
                {name(entity, across, column)}
              </th>
            ))}
            <th scope="col">
              {total}
              {unit}
            </th>
          </tr>
        </thead>
        <tbody>
          {data.lines.map((line) => (
            <tr key={line.key}>
              <th scope="row">{name(entity, by, line)}</th>
              {line.values.map((value, index) => (
                <td key={data.columns[index]?.key}>{say(value)}</td>
              ))}
              <td className="report-total">{say(line.total)}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">{total}</th>
            {data.totals.map((value, index) => (
              <td key={data.columns[index]?.key}>{say(value)}</td>
            ))}
            <td className="report-total">{say(data.total)}</td>
          </tr>
        </tfoot>
      </table>
    </div>
  );
}

function name(entity: Entity, by: string, { key, label }: Group) {
  if (!key) return t("none");
  if (by.startsWith("month:")) return moment(key, "month");
  return field(entity, by).choices?.find((one) => one.value === key)?.label ?? label;
}
