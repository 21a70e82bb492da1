import { useQuery } from "@tanstack/react-query";
import ArrowLeft from "lucide-react/icons/arrow-left";
import { Link } from "react-router";
import { PrintButton } from "../components/PrintButton";
import { Failure, Skeletons } from "../components/States";
import { Value } from "../components/Value";
import { api } from "../lib/api";
import { field, type Entity, type Row } from "../lib/entity";
import { moment, number } from "../lib/format";
import { useListParams } from "../lib/listParams";
import { useTitle } from "../lib/title";
import { t } from "../words";

const SIZE = 200;
const MOST = 2000;
const NUMBERS = new Set(["integer", "decimal", "money", "computed"]);

/** A list as it is narrowed, all of it, as one table for paper. */
export function PrintPage({ entity }: { entity: Entity }) {
  useTitle(entity.labelPlural);
  const { params } = useListParams(entity);
  const found = useQuery({ queryKey: [entity.plural, "print", params.toString()], queryFn: () => wholeList(entity, params) });
  const columns = entity.columns.map((name) => field(entity, name));
  return (
    <div className="page">
      <Link className="back-link" to={entity.home}>
        <ArrowLeft aria-hidden size={16} /> {t("back_to", { label: entity.nounPlural })}
      </Link>
      <header className="page-head">
        <div>
          <h1>{entity.labelPlural}</h1>
          {found.data && (
            <p className="text-muted">
              {t("print_note", { n: number(found.data.total), date: moment(new Date().toISOString(), "date") })}
              {found.data.rows.length < found.data.total && ` ${t("print_first", { n: number(found.data.rows.length) })}`}
            </p>
          )}
        </div>
        <PrintButton />
      </header>
      {found.error && <Failure error={found.error} retry={() => void found.refetch()} />}
      {found.isPending && <Skeletons count={8} shape="line" />}
      {found.data && (
        <div className="print-frame" role="region" aria-label={entity.labelPlural} tabIndex={0}>
          <table className="print-table">
            <thead>
              <tr>
                {columns.map((column) => (
                  <th key={column.name} scope="col" className={NUMBERS.has(column.type) ? "right" : undefined}>
                    {column.label}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {found.data.rows.map((row) => (
                <tr key={row.id}>
                  {columns.map((column) => (
                    <td key={column.name} className={NUMBERS.has(column.type) ? "right" : undefined}>
                      <Value field={column} row={row} />
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </div>
  );
}

async function wholeList(entity: Entity, params: URLSearchParams) {
  const rows: Row[] = [];
  for (let page = 1; ; page++) {
    const query = new URLSearchParams(params);
    query.set("size", String(SIZE));
    query.set("page", String(page));
    const { items, total } = await api.list(entity.plural, query);
    rows.push(...items);
    if (rows.length >= Math.min(total, MOST) || !items.length) return { rows, total };
  }
}
