/** When a row takes place, as the fields of its form say it. */

import { addDays, timeAt, type Day } from "./days";
import { field, type Entity } from "./entity";

/** What the form of a new row holds already when somebody chose a day, or a time of it. */
export function presetFor(entity: Entity, day: Day, minutes?: number, length = 60): URLSearchParams {
  const { date, time, end } = entity.when ?? { date: "" };
  const preset = new URLSearchParams();
  const moment = (at: number) => (at >= 24 * 60 ? `${addDays(day, 1)}T${timeAt(at)}` : `${day}T${timeAt(at)}`);
  const start = minutes ?? 9 * 60;
  const isMoment = field(entity, date).type === "datetime";
  preset.set(date, isMoment ? moment(start) : day);
  if (time && minutes !== undefined) preset.set(time, timeAt(minutes));
  if (!end) return preset;
  const type = field(entity, end).type;
  if (type === "datetime") preset.set(end, moment(start + length));
  if (type === "date") preset.set(end, day);
  if (type === "time" && minutes !== undefined) preset.set(end, timeAt(minutes + length));
  return preset;
}
