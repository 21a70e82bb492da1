import CircleAlert from "lucide-react/icons/circle-alert";
import CircleCheck from "lucide-react/icons/circle-check";
import { titleOf, type Entity, type Field } from "../lib/entity";
import { number } from "../lib/format";
import type { Outcome } from "../lib/importing";
import { t } from "../words";
import { Value } from "./Value";

interface Props {
  entity: Entity;
  outcome: Outcome;
  busy: boolean;
  add: () => void;
}

/** What the file would add, how its columns were understood, and every row that can't be added with its reason. */
export function ImportPreview({ entity, outcome, busy, add }: Props) {
  const { good, bad, columns, sample, problems } = outcome;
  const fields = columns.flatMap(({ field }) => entity.fields.find((one) => one.name === field) ?? []);
  const left = columns.filter(({ field }) => !field).map(({ header }) => header);
  const labels = { label: entity.nounPlural };
  return (
    <>
      <section className="panel import-summary" role="status">
        <div>
          <p>
            <CircleCheck aria-hidden size={18} className="text-success" /> {t("import_good", { n: number(good), ...labels })}
          </p>
          {bad > 0 && (
            <p>
              <CircleAlert aria-hidden size={18} className="text-danger" /> {t("import_bad", { n: number(bad) })}
            </p>
          )}
          {left.length > 0 && <p className="text-muted">{t("import_left", { columns: left.join(", ") })}</p>}
        </div>
        <button type="button" className="button primary" disabled={busy || !good} onClick={add}>
          {busy ? t("saving") : t("import_add", { n: number(good), ...labels })}
        </button>
      </section>
      {problems.length > 0 && <Problems entity={entity} problems={problems} bad={bad} />}
      {sample.length > 0 && (
        <section>
          <h2 className="section-title">{t("import_sample")}</h2>
          <div className="import-frame" role="region" aria-label={t("import_sample")} tabIndex={0}>
            <table className="import-table">
              <thead>
                <tr>
                  {fields.map((field) => (
                    <th key={field.name} scope="col">
                      {field.label}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {sample.map((row) => (
                  <tr key={row.id}>
                    {fields.map((field) => (
                      <td key={field.name}>{field.name === entity.title ? titleOf(entity, row) : <Value field={field} row={row} exact />}</td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </section>
      )}
    </>
  );
}

function Problems({ entity, problems, bad }: { entity: Entity; problems: Outcome["problems"]; bad: number }) {
  return (
    <section>
      <h2 className="section-title">{t("import_problems")}</h2>
      <div className="import-frame" role="region" aria-label={t("import_problems")} tabIndex={0}>
        <table className="import-table">
          <thead>
            <tr>
              <th scope="col">{t("import_line")}</th>
              <th scope="col">{t("import_row")}</th>
              <th scope="col">{t("import_reason")}</th>
            </tr>
          </thead>
          <tbody>
            {problems.map(({ line, text, fields }) => (
              <tr key={line}>
                <td className="number">{number(line)}</td>
                <td className="import-text">{text}</td>
                <td>
                  {Object.entries(fields).map(([name, reason]) => (
                    <p key={name}>
                      {named(entity.fields, name)}
                      {reason}
                    </p>
                  ))}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {problems.length < bad && <p className="text-muted">{t("import_more", { n: number(bad - problems.length) })}</p>}
    </section>
  );
}

function named(fields: Field[], name: string) {
  const label = fields.find((field) => field.name === name)?.label;
  return label && <strong>{label}: </strong>;
}
