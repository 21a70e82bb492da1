import FileUp from "lucide-react/icons/file-up";
import { useState } from "react";
import { LARGEST } from "../lib/importing";
import { t } from "../words";

export function ImportFile({ name, choose }: { name?: string; choose: (file: File) => void }) {
  const [over, setOver] = useState(false);
  return (
    <label
      className={over ? "import-file over" : "import-file"}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        if (event.dataTransfer.files[0]) choose(event.dataTransfer.files[0]);
      }}
    >
      <input
        className="sr-only"
        type="file"
        accept=".csv,.tsv,.txt,text/csv"
        onChange={(event) => {
          if (event.target.files?.[0]) choose(event.target.files[0]);
          event.target.value = "";
        }}
      />
      <FileUp aria-hidden size={26} strokeWidth={1.5} />
      <strong>{name ?? t("import_choose")}</strong>
      <span className="text-muted">{name ? t("import_other") : t("import_limit", { n: LARGEST })}</span>
    </label>
  );
}
