/** Colours that come with the data: text on them is black or white, whichever reads better. */

import type { CSSProperties } from "react";

export function ink(color: string) {
  const channel = (at: number) => {
    const part = parseInt(color.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  };
  const luminance = 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
  return luminance > 0.179 ? "#000000" : "#ffffff";
}

export function isColor(text: unknown): text is string {
  return typeof text === "string" && /^#[0-9a-f]{6}$/i.test(text);
}

export function filled(color: string): CSSProperties {
  return { backgroundColor: color, color: ink(color) };
}

/** Sets the tint that a card, its picture and its bars take up. */
export function tinted(color: string | undefined): CSSProperties | undefined {
  return isColor(color) ? ({ "--tint": color } as CSSProperties) : undefined;
}
