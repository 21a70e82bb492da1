import { useEffect, useRef, useState, type FormEvent } from "react";
import { useBlocker, useNavigate } from "react-router";
import { ApiError } from "../lib/api";
import type { Entity, Row } from "../lib/entity";
import { draftOf, editable, payload, presetDraft, problems, type Draft } from "../lib/form";
import { t } from "../words";
import { ConfirmDialog } from "./ConfirmDialog";
import { FieldControl } from "./FieldControl";

interface Props {
  entity: Entity;
  row?: Row;
  preset?: URLSearchParams;
  label: string;
  save: (values: Record<string, unknown>) => Promise<void>;
}

/** Creates or changes a row. The same rules hold here and on the server; what the server adds shows at its field. */
export function RowForm({ entity, row, preset, label, save }: Props) {
  const form = useRef<HTMLFormElement>(null);
  const saved = useRef(false);
  const navigate = useNavigate();
  const [start] = useState(() => (preset ? presetDraft(entity, preset) : draftOf(entity, row)));
  const [draft, setDraft] = useState<Draft>(start);
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [failure, setFailure] = useState("");
  const [busy, setBusy] = useState(false);
  const changed = JSON.stringify(draft) !== JSON.stringify(start);
  const blocker = useBlocker(() => changed && !saved.current);
  const count = Object.keys(errors).length;

  useEffect(() => {
    if (count) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [count, errors]);

  useEffect(() => {
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    if (changed) addEventListener("beforeunload", warn);
    return () => removeEventListener("beforeunload", warn);
  }, [changed]);

  async function submit(event: FormEvent) {
    event.preventDefault();
    const found = problems(entity, draft);
    setErrors(found);
    setFailure("");
    if (Object.keys(found).length) return;
    setBusy(true);
    try {
      saved.current = true;
      await save(payload(entity, draft));
    } catch (error) {
      saved.current = false;
      const fields = error instanceof ApiError ? error.fields : {};
      setErrors(fields);
      if (!Object.keys(fields).some((name) => name in draft)) setFailure((error as Error).message);
    } finally {
      setBusy(false);
    }
  }

  function set(name: string, value: Draft[string]) {
    setDraft((now) => ({ ...now, [name]: value }));
    setErrors(({ [name]: _gone, ...rest }) => rest);
  }

  return (
    <form ref={form} className="panel form" noValidate onSubmit={(event) => void submit(event)}>
      {editable(entity).map((field) => (
        <FieldControl
          key={field.name}
          field={field}
          value={draft[field.name] ?? ""}
          error={errors[field.name]}
          wide={field.name === entity.title}
          change={(value) => set(field.name, value)}
        />
      ))}
      <div className="form-end">
        <p role="status" className="field-error">
          {failure || (count ? t("form_errors", { n: count }) : "")}
        </p>
        <button type="button" className="button" onClick={() => void navigate(-1)}>
          {t("cancel")}
        </button>
        <button type="submit" className="button primary" disabled={busy}>
          {busy ? t("saving") : label}
        </button>
      </div>
      {blocker.state === "blocked" && (
        <ConfirmDialog
          title={t("leave_title")}
          text={t("leave_text")}
          confirm={t("leave")}
          cancel={t("stay")}
          onConfirm={() => blocker.proceed()}
          onCancel={() => blocker.reset()}
        />
      )}
    </form>
  );
}
