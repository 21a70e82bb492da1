/** What a form holds while it is filled in, and the rules the server will hold it to. */

import { number } from "./format";
import { refs, value, type Entity, type Field, type Row } from "./entity";
import { t } from "../words";

export type Draft = Record<string, string | string[] | boolean>;

const NUMBERS = new Set(["integer", "decimal", "money", "rating"]);
const WORDS = new Set(["string", "text", "email", "url", "phone"]);

export function editable(entity: Entity) {
  return entity.fields.filter((f) => !f.computed);
}

export function draftOf(entity: Entity, row?: Row): Draft {
  return Object.fromEntries(editable(entity).map((f) => [f.name, draftValue(f, row)]));
}

/** A new row's draft, with what the address that led here says already: a day, a room, a stage. */
export function presetDraft(entity: Entity, preset: URLSearchParams): Draft {
  const given = editable(entity).filter((f) => preset.has(f.name) && f.type !== "file" && f.type !== "image");
  return { ...draftOf(entity), ...Object.fromEntries(given.map((f) => [f.name, presetValue(f, preset)])) };
}

function presetValue(f: Field, preset: URLSearchParams): Draft[string] {
  if (f.many) return preset.getAll(f.name);
  const text = preset.get(f.name) ?? "";
  return f.type === "boolean" ? text === "true" : text;
}

/** The draft as the API takes it: empty means none, numbers are numbers, relations are ids. */
export function payload(entity: Entity, draft: Draft): Record<string, unknown> {
  return Object.fromEntries(editable(entity).map((f) => [f.name, sent(f, draft[f.name])]));
}

export function problems(entity: Entity, draft: Draft): Record<string, string> {
  const found = editable(entity).map((f) => [f.name, problem(f, draft[f.name])] as const);
  return Object.fromEntries(found.filter((entry): entry is [string, string] => entry[1] !== null));
}

function draftValue(f: Field, row?: Row): Draft[string] {
  if (f.type === "boolean") return Boolean(row && value(row, f.name));
  if (f.type === "relation") {
    const ids = row ? refs(row, f.name).map((ref) => String(ref.id)) : [];
    return f.many ? ids : (ids[0] ?? "");
  }
  const found = row ? value(row, f.name) : null;
  if (found === null || found === undefined) return "";
  return f.type === "datetime" ? String(found).slice(0, 16) : f.type === "time" ? String(found).slice(0, 5) : String(found);
}

function sent(f: Field, draft: Draft[string] | undefined): unknown {
  if (Array.isArray(draft)) return draft.map(Number);
  if (typeof draft === "boolean") return draft;
  const text = draft?.trim() ?? "";
  if (text === "") return null;
  return NUMBERS.has(f.type) || f.type === "relation" ? Number(text) : text;
}

function problem(f: Field, draft: Draft[string] | undefined): string | null {
  if (typeof draft === "boolean" || draft === undefined) return null;
  const text = Array.isArray(draft) ? draft.join() : draft.trim();
  if (text === "") return f.required ? t("error_required") : null;
  if (NUMBERS.has(f.type)) return numberProblem(f, Number(text));
  if (WORDS.has(f.type)) return wordProblem(f, text);
  return null;
}

function numberProblem(f: Field, found: number) {
  const [min, max] = f.type === "rating" ? [f.min ?? 1, f.max ?? 5] : [f.min, f.max];
  if (Number.isNaN(found)) return t("error_number");
  if ((f.type === "integer" || f.type === "rating") && !Number.isInteger(found)) return t("error_whole");
  if (min !== undefined && found < min) return t("error_min", { min: number(min) });
  if (max !== undefined && found > max) return t("error_max", { max: number(max) });
  return null;
}

function wordProblem(f: Field, text: string) {
  if (f.min !== undefined && text.length < f.min) return t("error_short", { min: number(f.min) });
  if (f.max !== undefined && text.length > f.max) return t("error_long", { max: number(f.max) });
  if (f.type === "email" && !/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(text)) return t("error_email");
  if (f.type === "url" && !/^https?:\/\/[^\s]+$/i.test(text)) return t("error_url");
  return null;
}
