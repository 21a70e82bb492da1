/** The periods that reports are made for, as days of the calendar. */

export const PERIODS = ["month", "last_month", "quarter", "year", "last_year", "all"] as const;

export type Period = (typeof PERIODS)[number];

export interface Days {
  from: string;
  to: string;
}

/** Its first and last day; an open end is an empty text. */
export function daysOf(period: Period, today = new Date()): Days {
  const [year, month] = [today.getFullYear(), today.getMonth()];
  const quarter = Math.floor(month / 3) * 3;
  switch (period) {
    case "month":
      return days(year, month, year, month + 1);
    case "last_month":
      return days(year, month - 1, year, month);
    case "quarter":
      return days(year, quarter, year, quarter + 3);
    case "year":
      return days(year, 0, year + 1, 0);
    case "last_year":
      return days(year - 1, 0, year, 0);
    case "all":
      return { from: "", to: "" };
  }
}

/** From the first day of one month to the day before the first of another. */
function days(fromYear: number, fromMonth: number, toYear: number, toMonth: number): Days {
  return { from: iso(new Date(fromYear, fromMonth, 1)), to: iso(new Date(toYear, toMonth, 0)) };
}

function iso(date: Date) {
  return [date.getFullYear(), date.getMonth() + 1, date.getDate()].map((part) => String(part).padStart(2, "0")).join("-");
}
