import { useQueries, useQuery } from "@tanstack/react-query";
import Scale from "lucide-react/icons/scale";
import X from "lucide-react/icons/x";
import { useSearchParams } from "react-router";
import { Picture } from "../components/Picture";
import { RowLink } from "../components/RowLink";
import { Failure, Notice } from "../components/States";
import { Value } from "../components/Value";
import { api } from "../lib/api";
import { tinted } from "../lib/color";
import { usePicks } from "../lib/compare";
import { tintOf, titleOf, value, type Entity, type Field, type Row } from "../lib/entity";
import { listOptions } from "../lib/queries";
import { useTitle } from "../lib/title";
import { t } from "../words";

const NUMBERS = new Set(["integer", "decimal", "rating"]);
const APART = new Set(["text", "image", "file"]);

/** Rows side by side. Which ones is said by `?ids=1,2`, else by what was picked. */
export function ComparePage({ entity }: { entity: Entity }) {
  const title = t("compare_title", { label: entity.nounPlural });
  useTitle(title);
  const picks = usePicks(entity);
  const [address, setAddress] = useSearchParams();
  const asked = address.get("ids");
  const max = entity.compare ?? 2;
  const ids = (asked === null ? picks.ids : asked.split(",").map(Number).filter(Number.isInteger)).slice(0, max);
  const results = useQueries({
    queries: ids.map((id) => ({ queryKey: [entity.plural, "row", String(id)], queryFn: () => api.get(entity.plural, id) })),
  });
  const failed = results.find((result) => result.error);
  const rows = results.flatMap((result) => result.data ?? []);
  const show = (next: number[]) => setAddress({ ids: [...new Set(next)].join(",") }, { replace: true });
  return (
    <div className="page">
      <h1 className="page-title">{title}</h1>
      {rows.length < max && (
        <Chooser key={ids.join()} entity={entity} position={rows.length + 1} add={(id) => show([...ids, id])} />
      )}
      {failed?.error && <Failure error={failed.error} retry={() => void failed.refetch()} />}
      {rows.length > 0 ? (
        <Comparison entity={entity} rows={rows} remove={(id) => show(ids.filter((one) => one !== id))} />
      ) : (
        <Notice icon={Scale} title={t("compare_empty_title")}>
          {t("compare_empty_text", { label: entity.nounPlural })}
        </Notice>
      )}
    </div>
  );
}

function Chooser({ entity, position, add }: { entity: Entity; position: number; add: (id: number) => void }) {
  const options = useQuery(listOptions(entity.plural, new URLSearchParams({ size: "100", sort: entity.title })));
  return (
    <label className="chooser">
      <span>{t("compare_choose", { label: entity.noun, n: position })}</span>
      <select className="input" defaultValue="" onChange={(event) => add(Number(event.target.value))}>
        <option value="" disabled>
          {t("choose")}
        </option>
        {options.data?.items.map((row) => (
          <option key={row.id} value={row.id}>
            {titleOf(entity, row)}
          </option>
        ))}
      </select>
    </label>
  );
}

function Comparison({ entity, rows, remove }: { entity: Entity; rows: Row[]; remove: (id: number) => void }) {
  const apart = (f: Field) => f.name === entity.title || f.name === entity.number || APART.has(f.type);
  const compared = entity.fields.filter((f) => !apart(f) && rows.some((row) => value(row, f.name) != null));
  return (
    <div className="table-frame" role="region" aria-label={t("compare_title", { label: entity.nounPlural })} tabIndex={0}>
      <table className="table comparison">
        <thead>
          <tr>
            <td />
            {rows.map((row) => (
              <th key={row.id} scope="col">
                <span className="comparison-picture">
                  <Picture entity={entity} row={row} />
                  <button
                    type="button"
                    className="icon-button small"
                    aria-label={t("compare_remove", { title: titleOf(entity, row) })}
                    onClick={() => remove(row.id)}
                  >
                    <X aria-hidden size={15} />
                  </button>
                </span>
                <span className="comparison-title">
                  <RowLink entity={entity} row={row} />
                </span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {compared.map((one) => (
            <tr key={one.name}>
              <th scope="row">{one.label}</th>
              {rows.map((row) => (
                <td key={row.id} style={tinted(tintOf(entity, row))}>
                  <Compared field={one} row={row} rows={rows} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** A number with a bar of its size among the compared rows; the highest one is marked. */
function Compared({ field, row, rows }: { field: Field; row: Row; rows: Row[] }) {
  const own = value(row, field.name);
  if (!NUMBERS.has(field.type) || typeof own !== "number") return <Value field={field} row={row} />;
  const all = rows.map((one) => Number(value(one, field.name) ?? 0));
  const highest = Math.max(...all);
  const best = own === highest && all.filter((one) => one === highest).length < all.length;
  return (
    <span className={best ? "compared best" : "compared"}>
      <Value field={field} row={row} />
      <i aria-hidden style={{ width: `${highest > 0 ? Math.max(0, (own / highest) * 100) : 0}%` }} />
      {best && <small>{t("compare_best")}</small>}
    </span>
  );
}
