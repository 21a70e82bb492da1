import { useMutation, useQueryClient } from "@tanstack/react-query";
import ArrowLeft from "lucide-react/icons/arrow-left";
import Download from "lucide-react/icons/download";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { ImportFile } from "../components/ImportFile";
import { ImportPreview } from "../components/ImportPreview";
import { Skeletons } from "../components/States";
import type { Entity } from "../lib/entity";
import { number } from "../lib/format";
import { send, template } from "../lib/importing";
import { useTitle } from "../lib/title";
import { toast } from "../lib/toasts";
import { t } from "../words";

/** A file becomes rows in two steps: what it would add is shown first, and nothing is added before that is agreed. */
export function ImportPage({ entity }: { entity: Entity }) {
  const title = t("import_title", { label: entity.nounPlural });
  useTitle(title);
  const [file, setFile] = useState<File>();
  const client = useQueryClient();
  const navigate = useNavigate();
  const look = useMutation({ mutationFn: (chosen: File) => send(entity, chosen, true) });
  const add = useMutation({
    mutationFn: (chosen: File) => send(entity, chosen, false),
    onSuccess: async ({ good }) => {
      await client.invalidateQueries();
      toast(t("import_done", { n: number(good), label: entity.nounPlural }));
      await navigate(entity.home);
    },
  });
  const error = add.error ?? look.error;

  function choose(chosen: File) {
    setFile(chosen);
    add.reset();
    look.mutate(chosen);
  }

  return (
    <div className="page import">
      <Link className="back-link" to={entity.home}>
        <ArrowLeft aria-hidden size={16} /> {t("back_to", { label: entity.nounPlural })}
      </Link>
      <header className="page-head">
        <div>
          <h1>{title}</h1>
          <p className="text-muted">{t("import_text")}</p>
        </div>
        <a className="button" href={template(entity)} download={`${entity.plural}.csv`}>
          <Download aria-hidden size={16} /> {t("import_template")}
        </a>
      </header>
      <ImportFile name={file?.name} choose={choose} />
      {error && (
        <p className="field-error import-error" role="alert">
          {error.message}
        </p>
      )}
      {look.isPending && <Skeletons count={4} shape="line" />}
      {look.data && !error && file && <ImportPreview entity={entity} outcome={look.data} busy={add.isPending} add={() => add.mutate(file)} />}
    </div>
  );
}
