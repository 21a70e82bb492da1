import GripVertical from "lucide-react/icons/grip-vertical";
import type { KeyboardEvent, PointerEvent } from "react";
import { startDrag } from "../lib/drag";
import { titleOf, type Entity, type Row } from "../lib/entity";
import { useListParams } from "../lib/listParams";
import { useReorder, type Place } from "../lib/order";
import { t } from "../words";

/** A handle that moves its row among the others: by hand, or by the arrow keys. */
export function DragGrip({ entity, row }: { entity: Entity; row: Row }) {
  const { params } = useListParams(entity);
  const { show, save } = useReorder(entity);
  const label = t("order_move", { title: titleOf(entity, row) });
  if (params.has("sort") && params.get("sort") !== entity.ordered) return null; // another order is on show

  function put(place: Place | undefined) {
    if (!place) return;
    show(row, place);
    void save(row, place);
  }

  function lift(event: PointerEvent<HTMLButtonElement>) {
    const own = event.currentTarget.closest<HTMLElement>("[data-row]");
    if (!own) return;
    let aimed: HTMLElement | undefined;
    let side: "before" | "after" = "before";
    const clear = () => aimed?.removeAttribute("data-aimed");
    const over = (x: number, y: number) => {
      clear();
      const found = document.elementFromPoint(x, y)?.closest<HTMLElement>("[data-row]");
      aimed = found && found !== own && found.parentElement === own.parentElement ? found : undefined;
      if (!aimed) return;
      const box = aimed.getBoundingClientRect();
      const isGrid = aimed.matches(".card");
      const isLeft = x < box.left + box.width / 2;
      const isFirst = getComputedStyle(aimed).direction === "rtl" ? !isLeft : isLeft;
      side = (isGrid ? isFirst : y < box.top + box.height / 2) ? "before" : "after";
      aimed.dataset.aimed = side;
    };
    const drop = () => put(aimed && { [side]: Number(aimed.dataset.row) });
    startDrag(event.nativeEvent, own, { lift: clear, over, drop, end: clear }, true);
  }

  function step(event: KeyboardEvent<HTMLButtonElement>) {
    const side = { ArrowUp: "previousElementSibling" as const, ArrowDown: "nextElementSibling" as const }[event.key];
    const own = event.currentTarget.closest<HTMLElement>("[data-row]");
    if (!side || !own) return;
    event.preventDefault();
    const beside = own[side] as HTMLElement | null;
    put(beside?.dataset.row ? { [side === "previousElementSibling" ? "before" : "after"]: Number(beside.dataset.row) } : undefined);
    const grip = event.currentTarget;
    requestAnimationFrame(() => grip.focus()); // a moved element loses the focus
  }

  return (
    <button type="button" className="icon-button drag-grip" aria-label={label} title={label} onPointerDown={lift} onKeyDown={step}>
      <GripVertical aria-hidden size={17} strokeWidth={1.75} />
    </button>
  );
}
