/** The JSON API under /api. Every failure becomes an ApiError with a sentence for people. */

import { t } from "../words";
import type { Row } from "./entity";

export interface Listing {
  items: Row[];
  total: number;
  page: number;
  size: number;
}

export class ApiError extends Error {
  constructor(
    message: string,
    readonly status: number,
    readonly fields: Record<string, string> = {},
  ) {
    super(message);
  }
}

export const api = {
  list: (plural: string, query: URLSearchParams) => request<Listing>("GET", `${plural}?${query}`),
  get: (plural: string, id: number | string) => request<Row>("GET", `${plural}/${id}`),
  create: (plural: string, values: Record<string, unknown>) => request<Row>("POST", plural, values),
  update: (plural: string, id: number, values: Record<string, unknown>) =>
    request<Row>("PATCH", `${plural}/${id}`, values),
  remove: (plural: string, id: number) => request<void>("DELETE", `${plural}/${id}`),
};

export async function request<T>(method: string, path: string, body?: unknown): Promise<T> {
  const answer = await fetch(`/api/${path}`, {
    method,
    headers: body === undefined ? {} : { "Content-Type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  }).catch(() => {
    throw new ApiError(t("offline"), 0);
  });
  if (answer.ok) return (answer.status === 204 ? undefined : await answer.json()) as T;
  const problem = await answer.json().catch(() => null);
  throw new ApiError(problem?.error?.message ?? t("offline"), answer.status, problem?.error?.fields);
}
