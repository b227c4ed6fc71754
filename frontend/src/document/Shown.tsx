/** A section as it reads, with what is known of it and what can be done with it. */

import { Crosshair, Pencil, Trash2 } from "lucide-react";
import type { Standing } from "../api/document";
import { Words } from "../chat/Words";
import { useActions } from "../editor/actions";
import { useOpen } from "../editor/context";
import type { Op, Section } from "../editor/diagram";
import { Button, IconButton } from "../ui/parts";

interface ShownProps { section: Section; standing: Standing | undefined; readOnly: boolean; onEdit(): void }

export function Shown({ section, standing, readOnly, onEdit }: ShownProps) {
  const { session } = useOpen();
  const { find } = useActions();
  const proposed = standing?.proposes as Op | null | undefined;
  return (
    <section id={`section-${section.slug}`} tabIndex={-1} aria-label={section.title} className="group scroll-mt-1 pt-5 outline-none">
      <div className="flex items-center gap-1">
        <h2 className={`min-w-0 flex-1 font-semibold ${standing?.node_id ? "text-[15px]" : "text-lg"}`}>{section.title}</h2>
        {standing?.node_id && <IconButton label={`Show ${section.title} on the canvas`} onClick={() => find(standing.node_id!)}><Crosshair size={15} aria-hidden /></IconButton>}
        {!readOnly && <IconButton label={`Edit ${section.title}`} onClick={onEdit}><Pencil size={15} aria-hidden /></IconButton>}
        {!readOnly && <IconButton label={`Remove ${section.title}`} onClick={() => session.edit([{ op: "delete_section", slug: section.slug }])}><Trash2 size={15} aria-hidden /></IconButton>}
      </div>
      {standing?.stale && <p role="note" className="my-1 rounded-md bg-warn-soft px-2 py-1 text-xs text-warn">Stale: {standing.reason}</p>}
      {proposed && !readOnly && (
        <p className="my-1 flex items-center gap-2 rounded-md bg-accent-soft px-2 py-1 text-xs">
          The text names another technology than the diagram.
          <Button onClick={() => session.edit([proposed])}>Change the diagram</Button>
        </p>
      )}
      <div className="words text-sm leading-6"><Words text={section.body} /></div>
    </section>
  );
}
