// A quiet drawing where there is no screenshot yet: a page's outline, its layout chosen by the project's id.

const SVG = "http://www.w3.org/2000/svg";

export function drawnThumbnail(id) {
  const seed = [...id].reduce((sum, char) => (sum * 31 + char.codePointAt(0)) >>> 0, 7);
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 320 200");
  svg.setAttribute("class", "drawn");
  svg.setAttribute("aria-hidden", "true");
  const bar = (x, y, w, height, r = 4) => {
    const rect = document.createElementNS(SVG, "rect");
    Object.entries({ x, y, width: w, height, rx: r, fill: "currentColor" }).forEach(([k, v]) =>
      rect.setAttribute(k, v),
    );
    svg.append(rect);
  };
  bar(24, 22, 60 + (seed % 40), 10);
  bar(256, 22, 40, 10);
  if (seed % 3 === 0)
    for (let y = 56; y < 170; y += 24) {
      bar(24, y, 272, 1, 0);
      bar(24, y + 8, 50 + ((seed >>> (y % 7)) % 90), 7);
      bar(250, y + 8, 46, 7);
    }
  else if (seed % 3 === 1) for (let i = 0; i < 6; i++) bar(24 + (i % 3) * 94, 52 + Math.floor(i / 3) * 66, 84, 56, 6);
  else {
    bar(24, 52, 84, 124, 6);
    for (let i = 0; i < 5; i++) bar(124, 54 + i * 25, 90 + ((seed >>> i) % 80), 8);
  }
  return svg;
}
