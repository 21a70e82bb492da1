import TrendingDown from "lucide-react/icons/trending-down";
import TrendingUp from "lucide-react/icons/trending-up";
import type { ReactNode } from "react";
import { Link } from "react-router";
import type { TileOf } from "../dashboard";
import type { Entity } from "../lib/entity";
import { number } from "../lib/format";
import { percent } from "../lib/scale";
import { say, slicesOf, useStats, type Query } from "../lib/stats";
import { t } from "../words";
import { Sparkline } from "./Sparkline";

interface Props {
  entity: Entity;
  tile: TileOf;
}

const PERIOD = 30;
const SOON = 7;
const TOP = 3;

/** One figure, and what makes it worth a look. */
export function Tile({ entity, tile }: Props) {
  if (tile.due) return <DueTile entity={entity} tile={tile} due={tile.due} />;
  if (tile.by) return <GroupTile entity={entity} tile={tile} by={tile.by} />;
  if (tile.date) return <TrendTile entity={entity} tile={tile} date={tile.date} />;
  return <PlainTile entity={entity} tile={tile} />;
}

function PlainTile({ entity, tile }: Props) {
  const query = tile.low ? { low_stock: "true" } : {};
  const value = useFigure(entity, { ...query, measure: tile.measure });
  return <Frame entity={entity} label={tile.label} value={value} measure={tile.measure} query={query} alarming={Boolean(tile.low && value)} />;
}

/** What is due within a week; what is late counts, too, and is said apart. */
function DueTile({ entity, tile, due }: Props & { due: string }) {
  const soon = { ...tile.open, [`${due}_max`]: day(SOON) };
  const late = useFigure(entity, { ...tile.open, [`${due}_max`]: day(-1), measure: "count" });
  const value = useFigure(entity, { ...soon, measure: "count" });
  return (
    <Frame entity={entity} label={tile.label} value={value} measure="count" query={soon} alarming={Boolean(late)}>
      {late ? t("dashboard_late", { n: number(late) }) : t("dashboard_soon", { n: number(SOON) })}
    </Frame>
  );
}

/** A sum of the last days against the days before; a count as it stands, with what was added. */
function TrendTile({ entity, tile, date }: Props & { date: string }) {
  const { measure } = tile;
  const all = useFigure(entity, { measure });
  const now = useFigure(entity, { measure, [`${date}_min`]: day(1 - PERIOD), [`${date}_max`]: day(0) });
  const before = useFigure(entity, { measure, [`${date}_min`]: day(1 - 2 * PERIOD), [`${date}_max`]: day(-PERIOD) });
  const months = useStats(entity, { by: `month:${date}`, measure });
  const slices = slicesOf(entity, `month:${date}`, months.data ?? []).slice(-12);
  const counted = measure === "count";
  const recent = !counted && Boolean(now);
  return (
    <Frame entity={entity} label={tile.label} value={recent ? now : all} measure={measure} spark={slices.map(({ value }) => value)}>
      {counted && now ? t("dashboard_added", { n: number(now), days: number(PERIOD) }) : null}
      {recent && t("dashboard_days", { days: number(PERIOD) })}
      {recent && now !== undefined && before ? <Change share={now / before - 1} /> : null}
    </Frame>
  );
}

function GroupTile({ entity, tile, by }: Props & { by: string }) {
  const value = useFigure(entity, { measure: tile.measure });
  const { data } = useStats(entity, { by, measure: tile.measure });
  const top = slicesOf(entity, by, data ?? []).sort((a, b) => b.value - a.value).slice(0, TOP);
  return (
    <Frame entity={entity} label={tile.label} value={value} measure={tile.measure}>
      {top.map((slice) => `${slice.label} ${say(entity, tile.measure, slice.value)}`).join(" · ")}
    </Frame>
  );
}

interface FrameProps {
  entity: Entity;
  label: string;
  value: number | undefined;
  measure: string;
  query?: Query;
  alarming?: boolean;
  spark?: number[];
  children?: ReactNode;
}

function Frame({ entity, label, value, measure, query = {}, alarming, spark, children }: FrameProps) {
  const entries = Object.entries(query).flatMap(([name, found]) => [found ?? []].flat().map((one) => [name, one]));
  const search = new URLSearchParams(entries).toString();
  return (
    <li className={alarming ? "tile alarming" : "tile"}>
      <Link to={search ? `${entity.home}?${search}` : entity.home}>
        <span className="tile-label">{label}</span>
        <strong className="tile-value number">{value === undefined ? "…" : say(entity, measure, value)}</strong>
        <span className="tile-note">{children}</span>
        {spark && spark.length > 2 && <Sparkline values={spark} />}
      </Link>
    </li>
  );
}

function Change({ share }: { share: number }) {
  const Icon = share < 0 ? TrendingDown : TrendingUp;
  if (Math.abs(share) < 0.005) return null;
  return (
    <span className="tile-change" title={t("dashboard_before")}>
      <Icon aria-hidden size={14} /> {percent(Math.abs(share))}
      <span className="sr-only"> {t(share < 0 ? "dashboard_less" : "dashboard_more")}</span>
    </span>
  );
}

function useFigure(entity: Entity, query: Query) {
  const { data } = useStats(entity, query);
  return data && (data[0]?.value ?? 0);
}

/** A day so many days from today, as the API takes it. */
function day(offset: number) {
  const date = new Date();
  date.setDate(date.getDate() + offset);
  return [date.getFullYear(), date.getMonth() + 1, date.getDate()].map((part) => String(part).padStart(2, "0")).join("-");
}
