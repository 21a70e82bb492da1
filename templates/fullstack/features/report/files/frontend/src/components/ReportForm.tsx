import { useId } from "react";
import { useSearchParams } from "react-router";
import type { ReportOf } from "../lib/entity";
import { daysOf, PERIODS } from "../lib/period";
import { t } from "../words";

interface Chosen {
  by: string;
  across: string;
  measure: string;
  from: string;
  to: string;
}

const NAMES = {
  month: t("period_month"),
  last_month: t("period_last_month"),
  quarter: t("period_quarter"),
  year: t("period_year"),
  last_year: t("period_last_year"),
  all: t("report_all"),
};

/** What is added up, by what, and for which days. */
export function ReportForm({ report, chosen }: { report: ReportOf; chosen: Chosen }) {
  const [, setAddress] = useSearchParams();
  const change = (changes: Partial<Chosen>) =>
    setAddress((now) => new URLSearchParams({ ...Object.fromEntries(now), ...chosen, ...changes }), { replace: true });
  const period = PERIODS.find((one) => daysOf(one).from === chosen.from && daysOf(one).to === chosen.to);
  const groups = report.by.map(({ by, label }) => ({ value: by, label }));
  const others = groups.filter(({ value }) => value !== chosen.by);
  return (
    <section className="panel report-form" aria-label={t("report_settings")}>
      <Pick label={t("report_by")} value={chosen.by} options={groups} choose={(by) => change({ by })} />
      {others.length > 0 && (
        <Pick
          label={t("report_across")}
          value={chosen.across === chosen.by ? "" : chosen.across}
          options={[{ value: "", label: t("report_nothing") }, ...others]}
          choose={(across) => change({ across })}
        />
      )}
      <Pick
        label={t("report_measure")}
        value={chosen.measure}
        options={report.measures.map(({ measure, label }) => ({ value: measure, label }))}
        choose={(measure) => change({ measure })}
      />
      {report.date && (
        <>
          <div className="report-periods" role="group" aria-label={t("report_period")}>
            {PERIODS.map((one) => (
              <button key={one} type="button" className="chip" aria-pressed={one === period} onClick={() => change(daysOf(one))}>
                {NAMES[one]}
              </button>
            ))}
          </div>
          <div className="report-days">
            <Day label={t("report_from")} value={chosen.from} choose={(from) => change({ from })} />
            <Day label={t("report_to")} value={chosen.to} choose={(to) => change({ to })} />
          </div>
        </>
      )}
    </section>
  );
}

interface PickProps {
  label: string;
  value: string;
  options: { value: string; label: string }[];
  choose: (value: string) => void;
}

function Pick({ label, value, options, choose }: PickProps) {
  const id = useId();
  return (
    <div className="report-field">
      <label htmlFor={id}>{label}</label>
      <select id={id} className="input" value={value} onChange={(event) => choose(event.target.value)}>
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    </div>
  );
}

function Day({ label, value, choose }: { label: string; value: string; choose: (value: string) => void }) {
  const id = useId();
  return (
    <div className="report-field">
      <label htmlFor={id}>{label}</label>
      <input id={id} type="date" className="input" value={value} onChange={(event) => choose(event.target.value)} />
    </div>
  );
}
