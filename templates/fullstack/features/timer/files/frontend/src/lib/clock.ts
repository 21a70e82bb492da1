/** The time on the wall, as fields keep it, and how long something has gone on. */

import { useEffect, useState } from "react";

export function wallClock() {
  const now = new Date();
  return new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}

/** Seconds between two moments, up to now where the second is missing; counted on every second then. */
export function useElapsed(start: string | null, stop: string | null) {
  const [now, setNow] = useState(() => Date.now());
  const runs = Boolean(start && !stop);
  useEffect(() => {
    if (!runs) return;
    const clock = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(clock);
  }, [runs]);
  if (!start) return 0;
  return Math.max(0, Math.round(((stop ? new Date(stop).getTime() : now) - new Date(start).getTime()) / 1000));
}

/** "1:05:09" while it runs; to the minute when it is over. */
export function sayElapsed(seconds: number, exact: boolean) {
  const two = (part: number) => String(part).padStart(2, "0");
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
  return exact ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${hours}:${two(minutes)}`;
}
