import CloudOff from "lucide-react/icons/cloud-off";
import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import { t } from "../words";

/** A whole panel's worth of nothing: what it is, and one thing to do about it. */
export function Notice({ icon: Icon, title, children, action }: NoticeProps) {
  return (
    <div className="notice">
      <span className="notice-icon">
        <Icon aria-hidden size={28} strokeWidth={1.5} />
      </span>
      <h2>{title}</h2>
      {children && <p>{children}</p>}
      {action}
    </div>
  );
}

interface NoticeProps {
  icon: LucideIcon;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}

export function Failure({ error, retry }: { error: Error; retry: () => void }) {
  return (
    <div role="alert">
      <Notice
        icon={CloudOff}
        title={t("error_title")}
        action={
          <button type="button" className="button" onClick={retry}>
            {t("retry")}
          </button>
        }
      >
        {error.message}
      </Notice>
    </div>
  );
}

/** Grey shapes while rows load; they appear only after a moment, so that quick answers never flicker. */
export function Skeletons({ count, shape }: { count: number; shape: "card" | "line" }) {
  return (
    <div className={shape === "card" ? "cards" : "lines"} aria-busy="true">
      <span className="sr-only" role="status">
        {t("loading")}
      </span>
      {Array.from({ length: count }, (_, index) => (
        <div key={index} className={`skeleton ${shape}`} aria-hidden />
      ))}
    </div>
  );
}
