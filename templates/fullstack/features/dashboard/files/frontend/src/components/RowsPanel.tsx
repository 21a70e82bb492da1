import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import type { ListOf } from "../dashboard";
import { field, type Entity, type Row } from "../lib/entity";
import { listOptions } from "../lib/queries";
import { t } from "../words";
import { RowLink } from "./RowLink";
import { Value } from "./Value";

const SHOWN = "6";

/** A few rows that matter now, each with what says most about it. */
export function RowsPanel({ entity, list }: { entity: Entity; list: ListOf }) {
  const entries = Object.entries({ ...list.query, size: SHOWN }).flatMap(([name, value]) => [value].flat().map((one) => [name, one]));
  const { data } = useQuery(listOptions(entity.plural, new URLSearchParams(entries)));
  const rows = data?.items.filter((row) => !list.date || isThere(row, list.date));
  if (!rows?.length) return null;
  const facts = [list.date ?? entity.facts[0], entity.badges.find((name) => name !== list.date)];
  return (
    <section className="panel rows-panel">
      <header>
        <h2 className="section-title">{list.title}</h2>
        <Link className="link" to={entity.home} aria-label={t("dashboard_all", { label: entity.nounPlural })}>
          {t("all")}
        </Link>
      </header>
      <ul>
        {rows.map((row) => (
          <li key={row.id}>
            <span className="rows-panel-title">
              <RowLink entity={entity} row={row} />
            </span>
            {facts.map((name) => name && isThere(row, name) && <Value key={name} field={field(entity, name)} row={row} />)}
          </li>
        ))}
      </ul>
    </section>
  );
}

function isThere(row: Row, name: string) {
  const found = (row as unknown as Record<string, unknown>)[name];
  return found !== null && found !== undefined && found !== "";
}
