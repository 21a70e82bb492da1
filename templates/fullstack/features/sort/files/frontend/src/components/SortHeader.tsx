import ArrowDown from "lucide-react/icons/arrow-down";
import ArrowUp from "lucide-react/icons/arrow-up";
import type { Entity, Field } from "../lib/entity";
import { useListParams } from "../lib/listParams";

/** A column's heading; where the column can be sorted, pressing it sorts, pressing it again turns the order. */
export function SortHeader({ entity, field }: { entity: Entity; field: Field }) {
  const { params, change } = useListParams(entity);
  const { sort } = entity;
  if (!sort?.fields.includes(field.name)) return <>{field.label}</>;
  const current = params.get("sort") ?? sort.default;
  const active = current === field.name || current === `-${field.name}`;
  const down = current === `-${field.name}`;
  const Icon = down ? ArrowDown : ArrowUp;
  return (
    <button
      type="button"
      className="sort-header"
      data-active={active}
      onClick={() => change({ sort: active && !down ? `-${field.name}` : field.name })}
    >
      {field.label}
      {active && <Icon aria-hidden size={13} />}
    </button>
  );
}
