/** Days of the calendar as text, like "2025-12-31", and how people of this language name them and begin their week. */

import { locale } from "../words";

export type Day = string;

const DAY = 86_400_000;
const SUNDAY_FIRST = new Set("AG AS BD BR BS BT BW BZ CA CO DM DO ET GT GU HK HN ID IL IN JM JP KE KH KR LA MH MM MO MT MX MZ NI NP PA PE PH PK PR PT PY SA SG SV TH TT TW UM US VE VI WS YE ZA ZW".split(" "));

/** The reader's own habits where they share the app's language: weeks begin on another day in Britain than in America. */
const region = new Intl.Locale(navigator.language.split("-")[0] === locale.split("-")[0] ? navigator.language : locale);
const firstDay = weekInfo(region);

function weekInfo(of: Intl.Locale): number {
  const known = of as { getWeekInfo?: () => { firstDay: number }; weekInfo?: { firstDay: number } };
  const told = (known.getWeekInfo?.() ?? known.weekInfo)?.firstDay;
  return told ?? (SUNDAY_FIRST.has(of.maximize().region ?? "") ? 7 : 1);
}

export function today(): Day {
  return dayOf(new Date());
}

export function dayOf(date: Date): Day {
  return `${String(date.getFullYear()).padStart(4, "0")}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** Noon in UTC: no change of clocks can move it to another day. */
function at(day: Day) {
  return new Date(`${day}T12:00:00Z`);
}

export function addDays(day: Day, count: number): Day {
  return new Date(at(day).getTime() + count * DAY).toISOString().slice(0, 10);
}

export function daysBetween(from: Day, to: Day) {
  return Math.round((at(to).getTime() - at(from).getTime()) / DAY);
}

export function addMonths(day: Day, count: number): Day {
  const first = new Date(`${day.slice(0, 7)}-01T12:00:00Z`);
  first.setUTCMonth(first.getUTCMonth() + count);
  return first.toISOString().slice(0, 10);
}

export function isDay(text: string | null): text is Day {
  return text !== null && /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(at(text).getTime());
}

export function weekOf(day: Day): Day[] {
  const back = (at(day).getUTCDay() - (firstDay % 7) + 7) % 7;
  return Array.from({ length: 7 }, (_, index) => addDays(day, index - back));
}

/** The weeks that have a day of the month. */
export function monthOf(day: Day): Day[][] {
  const weeks: Day[][] = [];
  for (let week = weekOf(`${day.slice(0, 7)}-01`); week.some((one) => sameMonth(one, day)); week = weekOf(addDays(week[6] ?? day, 1))) weeks.push(week);
  return weeks;
}

/** Five weeks, from the one before on. */
export function weeksAhead(day: Day): Day[][] {
  return Array.from({ length: 5 }, (_, index) => weekOf(addDays(day, 7 * (index - 1))));
}

export function sameMonth(one: Day, other: Day) {
  return one.slice(0, 7) === other.slice(0, 7);
}

const formats = {
  month: { month: "long", year: "numeric" },
  weekday: { weekday: "short" },
  number: { day: "numeric" },
  short: { day: "numeric", month: "short" },
  long: { weekday: "long", day: "numeric", month: "long" },
} satisfies Record<string, Intl.DateTimeFormatOptions>;

export function sayDay(day: Day, how: keyof typeof formats) {
  return new Intl.DateTimeFormat(locale, { ...formats[how], timeZone: "UTC" }).format(at(day));
}

/** "3 – 9 March 2025": a stretch of days, as short as the language can say it. */
export function sayDays(from: Day, to: Day) {
  const format = new Intl.DateTimeFormat(locale, { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
  return format.formatRange(at(from), at(to));
}

export function sayMonths(from: Day, to: Day) {
  return new Intl.DateTimeFormat(locale, { ...formats.month, timeZone: "UTC" }).formatRange(at(from), at(to));
}

/** The minutes of a day as a time, like "09:30". */
export function timeAt(minutes: number) {
  return `${two(Math.floor(minutes / 60) % 24)}:${two(minutes % 60)}`;
}

export function sayTime(time: string) {
  return new Intl.DateTimeFormat(locale, { hour: "numeric", minute: "2-digit" }).format(new Date(`2000-01-01T${time.slice(0, 5)}`));
}

export function minutesOf(time: string) {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));
}

function two(number: number) {
  return String(number).padStart(2, "0");
}
