import { Link } from "react-router";
import { filled, isColor } from "../lib/color";

interface BadgeProps {
  label: string;
  color?: string | null;
  to?: string;
}

export function Badge({ label, color, to }: BadgeProps) {
  const style = isColor(color) ? filled(color) : undefined;
  if (to) {
    return (
      <Link className="badge" style={style} to={to}>
        {label}
      </Link>
    );
  }
  return (
    <span className="badge" style={style}>
      {label}
    </span>
  );
}
