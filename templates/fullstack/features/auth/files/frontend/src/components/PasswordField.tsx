import Eye from "lucide-react/icons/eye";
import EyeOff from "lucide-react/icons/eye-off";
import { useId, useState } from "react";
import { t } from "../words";

interface Props {
  label: string;
  value: string;
  error?: string;
  isNew?: boolean;
  change: (value: string) => void;
}

export function PasswordField({ label, value, error, isNew, change }: Props) {
  const id = useId();
  const [shown, setShown] = useState(false);
  const Icon = shown ? EyeOff : Eye;
  return (
    <div className="field wide">
      <label htmlFor={id}>{label}</label>
      <div className="password">
        <input
          id={id}
          name="password"
          className="input"
          type={shown ? "text" : "password"}
          autoComplete={isNew ? "new-password" : "current-password"}
          aria-invalid={Boolean(error)}
          aria-describedby={error ? `${id}-error` : undefined}
          value={value}
          onChange={(e) => change(e.target.value)}
        />
        <button type="button" className="icon-button" aria-pressed={shown} aria-label={t("show_password")} title={t("show_password")} onClick={() => setShown(!shown)}>
          <Icon aria-hidden size={17} strokeWidth={1.75} />
        </button>
      </div>
      {error && (
        <p id={`${id}-error`} className="field-error">
          {error}
        </p>
      )}
    </div>
  );
}
