import { tinted } from "../lib/color";
import { tintOf, titleOf, value, type Entity, type Row } from "../lib/entity";
import { useState } from "react";
import { Pattern } from "../pictures/Pattern";

/** A row's own picture, or one drawn from what the row is: nothing ever looks missing. */
export function Picture({ entity, row }: { entity: Entity; row: Row }) {
  const [broken, setBroken] = useState<string>();
  const title = titleOf(entity, row);
  const source = entity.image ? (value(row, entity.image) as string | null) : null;
  if (source && source !== broken) {
    return (
      <div className="picture">
        <img src={source} alt={title} loading="lazy" onError={() => setBroken(source)} />
      </div>
    );
  }
  const Drawing = entity.motif;
  const Icon = entity.icon;
  return (
    <div className="picture drawn" style={tinted(tintOf(entity, row))} data-hue={hue(title)} aria-hidden>
      {Drawing ? (
        <Drawing seed={title} />
      ) : (
        <>
          <Pattern seed={title} />
          <span className="picture-icon">
            <Icon size={34} strokeWidth={1.5} />
          </span>
        </>
      )}
    </div>
  );
}

/** Rows without a colour of their own spread over a few neighbours of the app's accent. */
function hue(title: string) {
  return [...title].reduce((sum, char) => sum + (char.codePointAt(0) ?? 0), 0) % 5;
}
