import { useQueries, useQuery } from "@tanstack/react-query";
import Star from "lucide-react/icons/star";
import { useId, useState } from "react";
import { entities } from "../entities";
import { api } from "../lib/api";
import { titleOf, type Field } from "../lib/entity";
import type { Draft } from "../lib/form";
import { listOptions } from "../lib/queries";
import { t } from "../words";

interface Props {
  field: Field;
  value: Draft[string];
  error?: string;
  wide?: boolean;
  change: (value: Draft[string]) => void;
}

const MOST = 100;
const WIDE = new Set(["text", "url", "image"]);

/** A label, the control that suits the field's type, and what is wrong with it. */
export function FieldControl({ field, value, error, wide, change }: Props) {
  const id = useId();
  const control = {
    id,
    name: field.name,
    "aria-invalid": Boolean(error),
    "aria-describedby": error ? `${id}-error` : undefined,
    "aria-required": field.required,
  };
  const isGroup = (field.type === "relation" && field.many) || field.type === "rating";
  const isWide = wide || WIDE.has(field.type) || (field.type === "relation" && field.many);
  return (
    <div className={isWide ? "field wide" : "field"}>
      {field.type !== "boolean" && (
        <label id={`${id}-label`} htmlFor={isGroup ? undefined : id}>
          {field.label}
          {field.unit && <span className="text-muted"> ({field.unit})</span>}
          {field.required && (
            <span className="required" title={t("required")}>
              <span aria-hidden> *</span>
              <span className="sr-only"> ({t("required")})</span>
            </span>
          )}
        </label>
      )}
      <Control field={field} value={value} change={change} control={control} />
      {error && (
        <p id={`${id}-error`} className="field-error">
          {error}
        </p>
      )}
    </div>
  );
}

type ControlProps = Omit<Props, "error" | "wide"> & {
  control: { id: string; name: string; "aria-invalid": boolean; "aria-describedby"?: string; "aria-required"?: boolean };
};

const INPUTS: Partial<Record<Field["type"], string>> = {
  date: "date",
  datetime: "datetime-local",
  time: "time",
  email: "email",
  url: "url",
  phone: "tel",
  image: "text",
};

function Control({ field, value, change, control }: ControlProps) {
  const text = typeof value === "string" ? value : "";
  switch (field.type) {
    case "text":
      return <textarea {...control} className="input" rows={4} value={text} onChange={(e) => change(e.target.value)} />;
    case "boolean":
      return (
        <label className="tick">
          <input {...control} aria-required={undefined} type="checkbox" checked={value === true} onChange={(e) => change(e.target.checked)} />
          <span>{field.choices?.find((choice) => choice.value === "true")?.label ?? field.label}</span>
        </label>
      );
    case "choice":
      return (
        <select {...control} className="input" value={text} onChange={(e) => change(e.target.value)}>
          <option value="">{t("choose")}</option>
          {field.choices?.map((choice) => (
            <option key={choice.value} value={choice.value}>
              {choice.label}
            </option>
          ))}
        </select>
      );
    case "relation":
      return <RelationControl field={field} value={value} change={change} control={control} />;
    case "rating":
      return <RatingControl field={field} value={text} change={change} control={control} />;
    case "color":
      return <ColorControl field={field} value={text} change={change} control={control} />;
    case "integer":
    case "decimal":
    case "money":
      return (
        <input
          {...control}
          className="input"
          inputMode={field.type === "integer" ? "numeric" : "decimal"}
          value={text}
          onChange={(e) => change(e.target.value.replace(",", "."))}
        />
      );
    default:
      return (
        <input {...control} className="input" type={INPUTS[field.type] ?? "text"} value={text} onChange={(e) => change(e.target.value)} />
      );
  }
}

/** Rows to choose from. Beyond what a list can hold, one searches for them; what is chosen always stays in view. */
function RelationControl({ field, value, change, control }: ControlProps) {
  const target = field.target ? entities[field.target] : undefined;
  const [find, setFind] = useState("");
  const chosen = Array.isArray(value) ? value : [String(value)].filter(Boolean);
  const [known, setKnown] = useState<Record<string, string>>({});
  const query = new URLSearchParams({ size: String(MOST) });
  if (find) query.set("q", find);
  const { data } = useQuery({ ...listOptions(field.target ?? "", query), enabled: Boolean(target) });
  const missing = useQueries({
    queries: chosen.map((id) => ({
      queryKey: [field.target, "row", id],
      queryFn: () => api.get(field.target ?? "", id),
      enabled: Boolean(target && data && !known[id] && !data.items.some((row) => String(row.id) === id)),
    })),
  });
  if (!target) return null;
  const found = (data?.items ?? []).map((row) => ({ id: String(row.id), label: titleOf(target, row) }));
  const kept = chosen
    .filter((id) => !found.some((one) => one.id === id))
    .map((id) => ({ id, label: known[id] ?? missing.flatMap((one) => (String(one.data?.id) === id && one.data ? [titleOf(target, one.data)] : []))[0] ?? "…" }));
  const options = [...kept, ...found];
  const isLong = find !== "" || (data?.total ?? 0) > (field.many ? 12 : MOST);

  function choose(id: string) {
    const label = options.find((one) => one.id === id)?.label;
    if (label) setKnown((now) => ({ ...now, [id]: label }));
    if (!field.many) change(id);
    else change(chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id]);
  }

  return (
    <div role={field.many ? "group" : undefined} aria-labelledby={field.many ? `${control.id}-label` : undefined} className="many">
      {isLong && (
        <input
          className="input"
          type="search"
          aria-label={t("find_option", { label: target.labelPlural })}
          placeholder={t("find_option", { label: target.labelPlural })}
          value={find}
          onChange={(e) => setFind(e.target.value)}
        />
      )}
      {field.many ? (
        <div className="chips">
          {options.map(({ id, label }) => (
            <button key={id} type="button" className="chip" aria-pressed={chosen.includes(id)} onClick={() => choose(id)}>
              {label}
            </button>
          ))}
          {data && !options.length && <p className="text-muted">{t("no_options", { label: target.labelPlural })}</p>}
        </div>
      ) : (
        <select {...control} className="input" value={String(value)} onChange={(e) => choose(e.target.value)}>
          <option value="">{data && !options.length ? t("no_options", { label: target.labelPlural }) : t("choose")}</option>
          {options.map(({ id, label }) => (
            <option key={id} value={id}>
              {label}
            </option>
          ))}
        </select>
      )}
    </div>
  );
}

function RatingControl({ field, value, change, control }: ControlProps) {
  const max = field.max ?? 5;
  return (
    <div className="rating" role="radiogroup" aria-labelledby={`${control.id}-label`}>
      {Array.from({ length: max }, (_, index) => index + 1).map((n) => (
        <label key={n}>
          <input type="radio" name={field.name} value={n} checked={Number(value) === n} onChange={() => change(String(n))} />
          <Star aria-hidden size={24} className={n <= Number(value) ? "star on" : "star"} />
          <span className="sr-only">{t("stars", { n })}</span>
        </label>
      ))}
    </div>
  );
}

function ColorControl({ value, change, control }: ControlProps) {
  return (
    <div className="color-control">
      <input type="color" aria-label={t("choose")} value={/^#[0-9a-f]{6}$/i.test(String(value)) ? String(value) : "#888888"} onChange={(e) => change(e.target.value)} />
      <input {...control} className="input" placeholder="#336699" value={String(value)} onChange={(e) => change(e.target.value)} />
    </div>
  );
}
