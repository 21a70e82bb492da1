import LogIn from "lucide-react/icons/log-in";
import { useState } from "react";
import { useEnter } from "../lib/signIn";
import { t } from "../words";

/** Accounts to look around with, one click each. They are gone once somebody has signed up. */
export function DemoAccounts({ logins, password }: { logins: string[]; password: string }) {
  const enter = useEnter();
  const [failure, setFailure] = useState("");

  async function use(login: string) {
    try {
      if (!(await enter("login", { login, password }))) setFailure(t("no_cookies"));
    } catch (error) {
      setFailure((error as Error).message);
    }
  }

  return (
    <section className="demo">
      <h2>{t("demo_title")}</h2>
      <p>{t("demo_text")}</p>
      <ul>
        {logins.map((login) => (
          <li key={login}>
            <button type="button" className="button" onClick={() => void use(login)}>
              <LogIn aria-hidden size={16} strokeWidth={1.75} /> <span>{login}</span>
            </button>
          </li>
        ))}
      </ul>
      <p>
        {t("password")}: <code>{password}</code>
      </p>
      {failure && (
        <p role="alert" className="field-error">
          {failure}
        </p>
      )}
    </section>
  );
}
