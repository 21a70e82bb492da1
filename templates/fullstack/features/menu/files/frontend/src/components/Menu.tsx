import { useId, useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import { marked } from "../lib/palette";

export interface MenuItem {
  key: string;
  label: string;
  color?: string;
  disabled?: boolean;
  choose: () => void;
}

interface Props {
  label: string;
  title: string;
  items: MenuItem[];
  className: string;
  children: ReactNode;
  onKeyDown?: (event: KeyboardEvent<HTMLButtonElement>) => void;
  hold?: string;
}

/** A button and the choices behind it. The browser keeps it above everything and closes it by Escape or a click beside it. */
export function Menu({ label, title, items, className, children, onKeyDown, hold }: Props) {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState(false);

  function place() {
    const [from, own] = [button.current?.getBoundingClientRect(), list.current?.getBoundingClientRect()];
    if (!from || !own || !list.current) return;
    const below = from.bottom + 4 + own.height <= innerHeight;
    list.current.style.top = `${below ? from.bottom + 4 : Math.max(8, from.top - own.height - 4)}px`;
    const left = getComputedStyle(button.current!).direction === "rtl" ? from.left : from.right - own.width;
    list.current.style.left = `${Math.min(Math.max(8, left), innerWidth - own.width - 8)}px`;
  }

  function step(event: KeyboardEvent<HTMLDivElement>) {
    const places = [...event.currentTarget.querySelectorAll<HTMLElement>("button:not(:disabled)")];
    const at = places.indexOf(document.activeElement as HTMLElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: places.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    places[(to + places.length) % places.length]?.focus();
  }

  function choose(item: MenuItem) {
    list.current?.hidePopover();
    button.current?.focus();
    item.choose();
  }

  return (
    <>
      <button
        ref={button}
        type="button"
        className={className}
        aria-label={label}
        title={label}
        aria-haspopup="menu"
        aria-expanded={open}
        popoverTarget={id}
        onKeyDown={onKeyDown}
        data-hold={hold}
      >
        {children}
      </button>
      <div
        ref={list}
        id={id}
        popover="auto"
        role="menu"
        aria-label={title}
        className="menu"
        onKeyDown={step}
        onToggle={(event) => {
          const isOpen = event.newState === "open";
          setOpen(isOpen);
          if (!isOpen) return;
          place();
          event.currentTarget.querySelector<HTMLElement>("button:not(:disabled)")?.focus();
        }}
      >
        <p aria-hidden>{title}</p>
        {items.map((item) => (
          <button key={item.key} type="button" role="menuitem" tabIndex={-1} className="menu-item" disabled={item.disabled} onClick={() => choose(item)}>
            {item.color && <i aria-hidden style={marked(item.color)} />}
            {item.label}
          </button>
        ))}
      </div>
    </>
  );
}
