/** The order that people make by hand. A moved row is in its new place at once. */

import { useQueryClient } from "@tanstack/react-query";
import { request, type Listing } from "./api";
import type { Entity, Row } from "./entity";
import { toast } from "./toasts";
import { t } from "../words";

export interface Place {
  before?: number;
  after?: number;
}

export function useReorder(entity: Entity) {
  const client = useQueryClient();
  const lists = { queryKey: [entity.plural, "list"] };
  return {
    show: (row: Row, place: Place) => client.setQueriesData<Listing>(lists, (known) => known && reordered(known, row, place)),
    save: (row: Row, place: Place) =>
      request<void>("PUT", `${entity.plural}/${row.id}/place`, place)
        .catch((error: Error) => toast(t("failed", { reason: error.message }), true))
        .finally(() => void client.invalidateQueries(lists)),
  };
}

function reordered(known: Listing, row: Row, { before, after }: Place): Listing {
  const moved = known.items.find(({ id }) => id === row.id);
  const items = known.items.filter(({ id }) => id !== row.id);
  const at = items.findIndex(({ id }) => id === (before ?? after));
  if (!moved || at < 0) return known;
  return { ...known, items: items.toSpliced(before ? at : at + 1, 0, moved) };
}
