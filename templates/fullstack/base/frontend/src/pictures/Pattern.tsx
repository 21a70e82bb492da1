import { dice } from "../lib/random";

const SIZE = 40;

/** Tiles of quarter circles, discs, leaves and triangles, laid out by chance and always the same for one row. */
export function Pattern({ seed }: { seed: string }) {
  const { pick, whole } = dice(seed);
  const tiles = Array.from({ length: 20 }, (_, index) => ({
    x: (index % 5) * SIZE,
    y: Math.floor(index / 5) * SIZE,
    turn: whole(0, 3) * 90,
    shape: pick(SHAPES),
    tone: pick(["tone-1", "tone-2", "tone-3", "tone-1"]),
  }));
  return (
    <svg viewBox="0 0 200 160" preserveAspectRatio="xMidYMid slice">
      <rect width="200" height="160" className="tone-0" />
      {tiles.map(({ x, y, turn, shape, tone }, index) => (
        <path key={index} d={shape} className={tone} transform={`translate(${x} ${y}) rotate(${turn} 20 20)`} />
      ))}
    </svg>
  );
}

const SHAPES = [
  "M0 0H40A40 40 0 0 1 0 40Z",
  "M20 0A20 20 0 0 1 20 40A20 20 0 0 1 20 0Z",
  "M0 0A40 40 0 0 1 40 40A40 40 0 0 1 0 0Z",
  "M0 0H40L0 40Z",
  "M0 0H40V20A20 20 0 0 1 0 20Z",
  "M0 0Z",
] as const;
