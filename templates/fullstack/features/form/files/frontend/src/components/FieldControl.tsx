import Star from "lucide-react/icons/star";
import { useId } from "react";
import type { Field } from "../lib/entity";
import type { Draft } from "../lib/form";
import { t } from "../words";
import { RelationControl } from "./RelationControl";

interface Props {
  field: Field;
  value: Draft[string];
  error?: string;
  wide?: boolean;
  change: (value: Draft[string]) => void;
}

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

export type ControlProps = Omit<Props, "error" | "wide"> & {
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
