import { useMutation, useQueryClient } from "@tanstack/react-query";
import Trash2 from "lucide-react/icons/trash-2";
import { useState } from "react";
import { useLocation, useNavigate } from "react-router";
import { api } from "../lib/api";
import { titleOf, type Entity, type Row } from "../lib/entity";
import { toast } from "../lib/toasts";
import { t } from "../words";
import { ConfirmDialog } from "./ConfirmDialog";

export function DeleteButton({ entity, row, small }: { entity: Entity; row: Row; small?: boolean }) {
  const [asking, setAsking] = useState(false);
  const client = useQueryClient();
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const title = titleOf(entity, row);
  const remove = useMutation({
    mutationFn: () => api.remove(entity.plural, row.id),
    onSuccess: async () => {
      toast(t("deleted", { title }));
      if (pathname.startsWith(`/${entity.plural}/${row.id}`)) await navigate(entity.home, { replace: true });
      client.removeQueries({ queryKey: [entity.plural, "row", String(row.id)] });
      await client.invalidateQueries();
    },
    onError: (error) => toast(error.message, true),
    onSettled: () => setAsking(false),
  });
  return (
    <>
      <button
        type="button"
        className={small ? "icon-button" : "button"}
        aria-label={small ? t("delete_this", { title }) : undefined}
        title={small ? t("delete_this", { title }) : undefined}
        onClick={() => setAsking(true)}
      >
        <Trash2 aria-hidden size={small ? 18 : 16} strokeWidth={1.75} /> {!small && t("delete")}
      </button>
      {asking && (
        <ConfirmDialog
          title={t("delete_title", { title })}
          text={t("delete_text")}
          confirm={t("delete")}
          cancel={t("cancel")}
          busy={remove.isPending}
          onConfirm={() => remove.mutate()}
          onCancel={() => setAsking(false)}
        />
      )}
    </>
  );
}
