import type { ReactNode } from "react";
import { moment, nearness } from "../lib/format";
import { t } from "../words";

interface Props {
  author: string;
  text: string;
  at: string | null;
  action?: ReactNode;
}

/** One thing that somebody said. It is shown as text, whatever is written in it. */
export function Comment({ author, text, at, action }: Props) {
  const who = author || t("somebody");
  return (
    <li className="comment">
      <span className="initial" aria-hidden>
        {[...who][0]?.toUpperCase()}
      </span>
      <div className="comment-body">
        <p className="comment-head">
          <strong>{who}</strong>
          {at && (
            <time dateTime={at} title={moment(at, "datetime")}>
              {nearness(at) ?? moment(at, "date")}
            </time>
          )}
          {action}
        </p>
        <p className="words">{text}</p>
      </div>
    </li>
  );
}
