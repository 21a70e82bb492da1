/** Days in a row, asked for with the reader's own today. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { request } from "./api";
import { today } from "./days";
import type { Entity } from "./entity";

export interface Streak {
  of: number | null;
  current: number;
  best: number;
  total: number;
  today: number | null; // the row of today
  days: string[];
}

const NONE: Streak = { of: null, current: 0, best: 0, total: 0, today: null, days: [] };

/** The streak of one row, or of the whole log; one question serves all rows of a page. */
export function useStreak(entity: Entity, id: number | null) {
  const log = entity.streak?.log ?? entity.plural;
  const now = today();
  const { data } = useQuery({
    queryKey: [log, "streaks", now],
    queryFn: () => request<Streak[]>("GET", `${log}/streaks?today=${now}`),
  });
  return data && (data.find(({ of }) => of === id) ?? NONE);
}

/** Notes today, or takes it back. */
export function useToday(entity: Entity) {
  const client = useQueryClient();
  const { log, date, of } = entity.streak ?? { log: entity.plural, date: "date", of: null };
  return async (streak: Streak, id: number | null) => {
    if (streak.today) await request<void>("DELETE", `${log}/${streak.today}`);
    else await request("POST", log, { [date]: today(), ...(of && { [of]: id }) });
    await Promise.all([log, entity.plural].map((plural) => client.invalidateQueries({ queryKey: [plural] })));
  };
}
