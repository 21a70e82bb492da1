import { ListPage } from "./ListPage";
import { useMe } from "../lib/me";
import type { OwnPage } from "../lib/own";
import { t } from "../words";

/** The list of one kind of thing, as far as it is one's own. */
export function MinePage({ page }: { page: OwnPage }) {
  const { person } = useMe();
  const { entity, owner } = page;
  return <ListPage entity={entity} label={t("my", { label: entity.nounPlural })} only={{ [owner]: String(person?.id) }} />;
}
