// Numbers and moments as people read them.
import { locale, number, regional, say } from "./words.js";

const UNITS = [
  ["year", 31536000],
  ["month", 2592000],
  ["week", 604800],
  ["day", 86400],
  ["hour", 3600],
  ["minute", 60],
];
const TENTHS = { minimumFractionDigits: 1, maximumFractionDigits: 1 };
const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto", style: "long" });

export function ago(when) {
  const seconds = (Date.now() - new Date(when).getTime()) / 1000;
  if (!Number.isFinite(seconds)) return "";
  for (const [unit, size] of UNITS) if (seconds >= size) return relative.format(-Math.floor(seconds / size), unit);
  return say("time.now");
}

export const exact = (when) => (when ? new Date(when).toLocaleString(regional) : "");

export function duration(seconds) {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return "";
  if (seconds < 0.05) return ""; // too short to matter to anybody
  if (seconds < 10) return say("time.seconds", { n: number(seconds, TENTHS) });
  if (seconds < 60) return say("time.seconds", { n: Math.round(seconds) });
  return say("time.minutes", { minutes: Math.floor(seconds / 60), n: Math.round(seconds % 60) });
}

export function bytes(n) {
  if (n < 1024) return say("size.bytes", { n });
  if (n < 1048576) return say("size.kilobytes", { n: number(n / 1024, TENTHS) });
  return say("size.megabytes", { n: number(n / 1048576, TENTHS) });
}

// A build that a person stopped leaves its project without a release, which is no failure.
export const statusOf = (project) =>
  project.status === "failed" && project.build?.status === "cancelled" ? "stopped" : project.status;
