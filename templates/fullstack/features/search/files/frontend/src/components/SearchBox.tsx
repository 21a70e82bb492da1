import Search from "lucide-react/icons/search";
import X from "lucide-react/icons/x";
import { useEffect, useId, useState } from "react";
import type { Entity } from "../lib/entity";
import { useListParams } from "../lib/listParams";
import { t } from "../words";

const PAUSE = 250;

/** Searches while one types, a moment after the last key. */
export function SearchBox({ entity }: { entity: Entity }) {
  const { params, change } = useListParams(entity);
  const asked = params.get("q") ?? "";
  const [text, setText] = useState(asked);
  const [known, setKnown] = useState(asked);
  const id = useId();

  if (asked !== known) {
    setKnown(asked); // the address changed by itself: back, forward or a cleared filter
    if (asked !== text.trim()) setText(asked);
  }

  useEffect(() => {
    if (text.trim() === asked) return;
    const timer = setTimeout(() => change({ q: text.trim() || null }), PAUSE);
    return () => clearTimeout(timer);
  });

  const label = t("search_in", { label: entity.nounPlural });
  return (
    <div className="search-box" role="search">
      <label htmlFor={id} className="sr-only">
        {label}
      </label>
      <Search aria-hidden size={17} />
      <input
        id={id}
        className="input"
        type="search"
        placeholder={label}
        value={text}
        maxLength={200}
        onChange={(event) => setText(event.target.value)}
      />
      {text && (
        <button type="button" className="icon-button small" aria-label={t("clear_search")} onClick={() => setText("")}>
          <X aria-hidden size={15} />
        </button>
      )}
    </div>
  );
}
