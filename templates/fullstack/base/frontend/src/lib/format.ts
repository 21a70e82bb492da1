/** Numbers, money and moments as people of this app's language write them. */

import { locale } from "../words";

const DAY = 86_400_000;
const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
const formats = {
  date: { day: "numeric", month: "short", year: "numeric" },
  datetime: { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" },
  time: { hour: "2-digit", minute: "2-digit" },
  month: { month: "short", year: "numeric" },
} satisfies Record<string, Intl.DateTimeFormatOptions>;

export function number(value: number, unit?: string) {
  const text = new Intl.NumberFormat(locale, { maximumFractionDigits: 2 }).format(value);
  return unit ? `${text}${unit === "%" ? "" : "\u00a0"}${unit}` : text;
}

/** A three-letter unit is a currency code, a symbol stands where its language puts it. */
export function money(value: number, unit?: string) {
  const cents = { minimumFractionDigits: Number.isInteger(value) ? 0 : 2, maximumFractionDigits: 2 };
  if (unit && /^[A-Z]{3}$/.test(unit)) {
    return new Intl.NumberFormat(locale, { style: "currency", currency: unit, ...cents }).format(value);
  }
  const text = new Intl.NumberFormat(locale, cents).format(value);
  if (!unit) return text;
  return /^[$£€¥₹]$/.test(unit) && locale.startsWith("en") ? `${unit}${text}` : `${text}\u00a0${unit}`;
}

export function moment(value: string, kind: keyof typeof formats) {
  const date = toDate(value, kind);
  return Number.isNaN(date.getTime()) ? value : new Intl.DateTimeFormat(locale, formats[kind]).format(date);
}

/** "in 3 days" for what is near, null for what is far enough to want its date. */
export function nearness(value: string) {
  const days = daysFromNow(value);
  return Math.abs(days) <= 14 ? relative.format(days, "day") : null;
}

export function daysFromNow(value: string) {
  const startOf = (date: Date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
  return Math.round((startOf(toDate(value, "date")) - startOf(new Date())) / DAY);
}

/** A date without a time is a day of the calendar, wherever it is read. */
function toDate(value: string, kind: keyof typeof formats) {
  if (kind === "time") return new Date(`2000-01-01T${value}`);
  if (kind === "month") return new Date(`${value}-01T00:00`);
  return new Date(value.length === 10 ? `${value}T00:00` : value);
}
