import { useQuery } from "@tanstack/react-query";
import SlidersHorizontal from "lucide-react/icons/sliders-horizontal";
import { useId, useState } from "react";
import { request } from "../lib/api";
import { isColor } from "../lib/color";
import { field, type Entity, type Field } from "../lib/entity";
import { useListParams } from "../lib/listParams";
import { number } from "../lib/format";
import { t } from "../words";

interface Option {
  value: string | number | boolean;
  label: string;
  count: number;
  color?: string | null;
}

interface Range {
  min: number | string | null;
  max: number | string | null;
}

const FEW = 4;
const CHIPS = 24;
const STEPS = 6;

/** One control for each filter, in the form that suits what there is to choose from. */
export function Filters({ entity }: { entity: Entity }) {
  const [open, setOpen] = useState(false);
  const id = useId();
  const { change, params, narrowed } = useListParams(entity);
  const facets = useQuery({
    queryKey: [entity.plural, "facets"],
    queryFn: () => request<Record<string, Option[] | Range>>("GET", `${entity.plural}/facets`),
    enabled: entity.filters !== undefined,
  });
  const names = (entity.filters ?? []).filter((name) => facets.data?.[name]);
  if (!names.length) return null;
  return (
    <>
      <button
        type="button"
        className="button filters-toggle"
        aria-expanded={open}
        aria-controls={id}
        onClick={() => setOpen(!open)}
      >
        <SlidersHorizontal aria-hidden size={16} /> {t("filters")}
      </button>
      <div id={id} className={open ? "filters" : "filters closed"}>
        {names.map((name) => {
          const facet = facets.data?.[name];
          if (Array.isArray(facet)) return <Options key={name} entity={entity} of={field(entity, name)} options={facet} />;
          return facet && <Between key={name} entity={entity} of={field(entity, name)} range={facet} />;
        })}
        {narrowed && (
          <button
            type="button"
            className="button quiet"
            onClick={() => change(Object.fromEntries([...params.keys()].filter((key) => key !== "sort").map((key) => [key, null])))}
          >
            {t("clear_filters")}
          </button>
        )}
      </div>
    </>
  );
}

interface FilterProps {
  entity: Entity;
  of: Field;
}

function Options({ entity, of, options }: FilterProps & { options: Option[] }) {
  if (!options.length) return null;
  const place = ({ value }: Option) => of.choices?.findIndex((choice) => choice.value === String(value)) ?? 0;
  const named = options.map((option) => ({ ...option, ...ownWords(of, option) })).sort((a, b) => place(a) - place(b));
  const exclusive = of.type === "boolean" || (of.type === "choice" && options.length <= FEW);
  if (exclusive) return <Segments entity={entity} of={of} options={named} />;
  if (options.length <= CHIPS && (of.type !== "string" || options.length <= STEPS)) {
    return <Chips entity={entity} of={of} options={named} />;
  }
  return <Select entity={entity} of={of} options={named} />;
}

function Segments({ entity, of, options }: FilterProps & { options: Option[] }) {
  const { params, change } = useListParams(entity);
  const chosen = params.get(of.name) ?? "";
  const group = useId();
  return (
    <fieldset className="filter">
      <legend>{of.label}</legend>
      <div className="segments">
        {[{ value: "", label: t("all") }, ...options].map(({ value, label }) => (
          <label key={String(value)}>
            <input
              type="radio"
              name={group}
              checked={chosen === String(value)}
              onChange={() => change({ [of.name]: String(value) || null })}
            />
            <span>{label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

function Chips({ entity, of, options }: FilterProps & { options: Option[] }) {
  const { params, change } = useListParams(entity);
  const chosen = params.getAll(of.name);
  const turned = (value: string) => (chosen.includes(value) ? chosen.filter((one) => one !== value) : [...chosen, value]);
  return (
    <fieldset className="filter">
      <legend>{of.label}</legend>
      <div className="chips">
        {options.map(({ value, label, color, count }) => (
          <button
            key={String(value)}
            type="button"
            className="chip"
            aria-pressed={chosen.includes(String(value))}
            onClick={() => change({ [of.name]: turned(String(value)) })}
          >
            {isColor(color) && <i aria-hidden style={{ backgroundColor: color }} />}
            {label}
            <small>{number(count)}</small>
          </button>
        ))}
      </div>
    </fieldset>
  );
}

function Select({ entity, of, options }: FilterProps & { options: Option[] }) {
  const { params, change } = useListParams(entity);
  const id = useId();
  return (
    <div className="filter">
      <label htmlFor={id}>{of.label}</label>
      <select
        id={id}
        className="input"
        value={params.get(of.name) ?? ""}
        onChange={(event) => change({ [of.name]: event.target.value || null })}
      >
        <option value="">{t("any")}</option>
        {options.map(({ value, label, count }) => (
          <option key={String(value)} value={String(value)}>
            {label} ({number(count)})
          </option>
        ))}
      </select>
    </div>
  );
}

/** From and to; a handful of whole numbers, like bedrooms or stars, become steps of "n or more". */
function Between({ entity, of, range }: FilterProps & { range: Range }) {
  const { params, change } = useListParams(entity);
  const [low, high] = [`${of.name}_min`, `${of.name}_max`];
  if (range.min === null || range.max === null) return null;
  const isWhole = of.type === "integer" || of.type === "rating";
  if (isWhole && Number(range.max) - Number(range.min) < STEPS) {
    const steps = Array.from({ length: Number(range.max) - Number(range.min) }, (_, index) => Number(range.min) + 1 + index);
    return <Steps entity={entity} of={of} steps={steps} />;
  }
  const type = of.type === "date" || of.type === "datetime" ? "date" : of.type === "time" ? "time" : "number";
  return (
    <fieldset className="filter">
      <legend>{of.unit && type === "number" ? `${of.label} (${of.unit})` : of.label}</legend>
      <div className="range">
        {[low, high].map((name, index) => (
          <input
            key={`${name}${params.get(name) ?? ""}`}
            className="input"
            type={type}
            step="any"
            aria-label={t(index ? "to" : "from", { label: of.label })}
            placeholder={type === "number" ? number(Number(index ? range.max : range.min), undefined, of.plain) : undefined}
            defaultValue={params.get(name) ?? ""}
            onBlur={(event) => event.target.value !== (params.get(name) ?? "") && change({ [name]: event.target.value || null })}
            onKeyDown={(event) => event.key === "Enter" && event.currentTarget.blur()}
          />
        )).flatMap((input, index) => (index ? [<span key="to">{t("range_to")}</span>, input] : [input]))}
      </div>
    </fieldset>
  );
}

function Steps({ entity, of, steps }: FilterProps & { steps: number[] }) {
  const { params, change } = useListParams(entity);
  const name = `${of.name}_min`;
  const chosen = params.get(name) ?? "";
  const group = useId();
  return (
    <fieldset className="filter">
      <legend>{of.label}</legend>
      <div className="segments">
        {["", ...steps.map(String)].map((step) => (
          <label key={step} aria-label={step ? t("at_least", { value: step }) : t("any")}>
            <input type="radio" name={group} checked={chosen === step} onChange={() => change({ [name]: step || null })} />
            <span>{step ? `${step}+` : t("any")}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

/** Choices and booleans carry the app's own words and colours, whatever the API calls them. */
function ownWords(of: Field, { value, label }: Option) {
  const choice = of.choices?.find((one) => one.value === String(value));
  if (choice) return { label: choice.label, color: choice.color };
  if (of.type === "boolean") return { label: String(value) === "true" ? t("yes") : t("no") };
  return { label };
}
