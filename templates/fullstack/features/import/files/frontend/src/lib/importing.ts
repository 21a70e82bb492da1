/** Sending a CSV file: first for a look at what would become of it, then for good. */

import { t } from "../words";
import { ApiError } from "./api";
import type { Entity, Row } from "./entity";

export interface Outcome {
  total: number;
  good: number;
  bad: number;
  columns: { header: string; field: string | null }[];
  sample: Row[];
  problems: { line: number; text: string; fields: Record<string, string> }[];
}

export const LARGEST = 5; // MB

export async function send(entity: Entity, file: File, dryRun: boolean): Promise<Outcome> {
  if (file.size > LARGEST * 1_000_000) throw new ApiError(t("import_large", { n: LARGEST }), 413);
  const answer = await fetch(`/api/${entity.plural}/import?dry_run=${dryRun}`, {
    method: "POST",
    headers: { "Content-Type": "text/csv" },
    body: file,
  }).catch(() => {
    throw new ApiError(t("offline"), 0);
  });
  const body = await answer.json().catch(() => null);
  if (!answer.ok || !body) throw new ApiError(body?.error?.message ?? t("offline"), answer.status);
  return body as Outcome;
}

/** A file with nothing but the names of the columns, to be filled in. */
export function template(entity: Entity) {
  const names = entity.fields.filter(({ type }) => String(type) !== "computed").map(({ label }) => `"${label.replaceAll('"', '""')}"`);
  return `data:text/csv;charset=utf-8,${encodeURIComponent(`\ufeff${names.join(",")}\r\n`)}`;
}
