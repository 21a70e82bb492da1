// Numbers and moments as people read them.

const UNITS = [
  ["year", 31536000],
  ["month", 2592000],
  ["week", 604800],
  ["day", 86400],
  ["hour", 3600],
  ["minute", 60],
];
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "long" });

export function ago(when) {
  const seconds = (Date.now() - new Date(when).getTime()) / 1000;
  if (!Number.isFinite(seconds)) return "";
  for (const [unit, size] of UNITS) if (seconds >= size) return relative.format(-Math.floor(seconds / size), unit);
  return "just now";
}

export const exact = (when) => (when ? new Date(when).toLocaleString() : "");

export function duration(seconds) {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return "";
  if (seconds < 0.05) return ""; // too short to matter to anybody
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

export const many = (n, one, more = `${one}s`) => `${n.toLocaleString("en")} ${n === 1 ? one : more}`;

export function bytes(n) {
  if (n < 1024) return `${n} B`;
  return n < 1048576 ? `${(n / 1024).toFixed(1)} KB` : `${(n / 1048576).toFixed(1)} MB`;
}

// A build that a person stopped leaves its project without a release, which is no failure.
export const statusOf = (project) =>
  project.status === "failed" && project.build?.status === "cancelled" ? "stopped" : project.status;

export const STATUS = {
  queued: "Queued",
  building: "Building",
  improving: "Improving",
  asking: "Asks you",
  ready: "Ready",
  failed: "Failed",
  rejected: "Not built",
  stopped: "Stopped",
};
