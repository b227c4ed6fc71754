/** The design document: read it, write in it, see what is no longer so, and jump to what a section is about. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Crosshair, FilePlus2, Pencil, RefreshCw, Trash2 } from "lucide-react";
import { useState } from "react";
import { Problem } from "../api/client";
import { readDocument, type Standing, writeDocument } from "../api/document";
import { viewing } from "../api/identity";
import { isActive } from "../api/jobs";
import { Words } from "../chat/Words";
import { useActions } from "../editor/actions";
import { useLive, useOpen, useShown } from "../editor/context";
import type { Diagram, Op, Section } from "../editor/diagram";
import { useUi } from "../editor/store";
import { Button, IconButton, INPUT } from "../ui/parts";
import { count } from "../ui/words";

/** The sections in their order, those that the agent is writing with them. Pure. */
export function ordered(diagram: Diagram, written: readonly Section[]): Section[] {
  const sections = new Map(diagram.sections);
  for (const section of written) sections.set(section.slug, section);
  return [...sections.values()].sort((a, b) => a.position - b.position || a.slug.localeCompare(b.slug));
}

export function Document() {
  const { id } = useOpen();
  const { diagram, past } = useShown();
  const version = useLive((live) => live.version);
  const preview = useLive((live) => live.preview);
  const [editing, setEditing] = useState<string | null>(null);
  const { data } = useQuery({ queryKey: ["document", id, version], queryFn: () => readDocument(id), placeholderData: (before) => before });
  const standing = new Map((data ?? []).map((one) => [one.slug, one]));
  const sections = ordered(diagram, past === null ? ((preview?.sections ?? []) as Section[]) : []);
  const readOnly = viewing || past !== null;
  return (
    <div className="flex h-full flex-col">
      {!readOnly && <Bar stale={(data ?? []).filter((one) => one.stale && one.by === "job").length} empty={sections.length === 0} onNew={setEditing} />}
      {sections.length > 1 && <Contents sections={sections} standing={standing} />}
      <div className="min-h-0 flex-1 overflow-y-auto px-4 pb-8">
        {sections.length === 0 && <p className="py-6 text-muted">There is no design document yet. The agent writes it from the diagram, or you begin with a section of your own.</p>}
        {sections.map((section) => editing === section.slug
          ? <Writing key={section.slug} section={section} onDone={() => setEditing(null)} />
          : <Shown key={section.slug} section={section} standing={standing.get(section.slug)} readOnly={readOnly} onEdit={() => setEditing(section.slug)} />)}
      </div>
    </div>
  );
}

function Bar({ stale, empty, onNew }: { stale: number; empty: boolean; onNew(slug: string): void }) {
  const { id, session } = useOpen();
  const cache = useQueryClient();
  const busy = useLive((live) => isActive(live.job));
  const diagram = useLive((live) => live.diagram);
  const write = (onlyStale: boolean) => void writeDocument(id, onlyStale).then(
    () => { session.lookNow(); void cache.invalidateQueries({ queryKey: ["messages", id] }); },
    (error: unknown) => useUi.getState().tell(error instanceof Problem ? error.detail : String(error)),
  );
  const add = () => {
    let number = 1;
    while (diagram.sections.has(`notes-${number}`)) number += 1;
    const last = Math.max(0, ...[...diagram.sections.values()].map((section) => section.position));
    session.edit([{ op: "set_section", slug: `notes-${number}`, title: "Notes", body: "", position: last + 1 }]);
    onNew(`notes-${number}`);
  };
  return (
    <div className="flex flex-wrap items-center gap-1.5 border-b border-border px-3 py-2">
      {stale > 0 && <Button look="solid" disabled={busy} onClick={() => write(true)}><RefreshCw size={14} aria-hidden />Update {count(stale, "stale section")}</Button>}
      <Button look={empty ? "solid" : "soft"} disabled={busy || diagram.nodes.size === 0} onClick={() => write(false)}>{empty ? "Write the document" : "Write all anew"}</Button>
      <span className="flex-1" />
      <IconButton label="Add a section" onClick={add}><FilePlus2 size={16} aria-hidden /></IconButton>
    </div>
  );
}

function Contents({ sections, standing }: { sections: readonly Section[]; standing: ReadonlyMap<string, Standing> }) {
  const jump = (slug: string) => window.document.getElementById(`section-${slug}`)?.scrollIntoView({ block: "start" });
  return (
    <details className="border-b border-border px-4 py-2 text-sm">
      <summary className="cursor-pointer text-muted">Contents</summary>
      <ol className="max-h-48 overflow-y-auto pt-1">
        {sections.map((section) => (
          <li key={section.slug} className={standing.get(section.slug)?.node_id ? "pl-4" : ""}>
            <button type="button" onClick={() => jump(section.slug)} className="truncate text-left hover:underline">
              {section.title}{standing.get(section.slug)?.stale ? " · stale" : ""}
            </button>
          </li>
        ))}
      </ol>
    </details>
  );
}

interface ShownProps { section: Section; standing: Standing | undefined; readOnly: boolean; onEdit(): void }

function Shown({ section, standing, readOnly, onEdit }: ShownProps) {
  const { session } = useOpen();
  const { find } = useActions();
  const proposed = standing?.proposes as Op | null | undefined;
  return (
    <section id={`section-${section.slug}`} aria-label={section.title} className="group pt-5">
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

function Writing({ section, onDone }: { section: Section; onDone(): void }) {
  const { session } = useOpen();
  const [title, setTitle] = useState(section.title);
  const [body, setBody] = useState(section.body);
  const save = () => {
    if (title.trim() && (title !== section.title || body !== section.body)) session.edit([{ op: "set_section", slug: section.slug, title: title.trim(), body }]);
    onDone();
  };
  return (
    <form aria-label={`Edit ${section.title}`} className="flex flex-col gap-2 pt-5" onSubmit={(event) => { event.preventDefault(); save(); }}
      onKeyDown={(event) => { event.stopPropagation(); if (event.key === "Escape") onDone(); if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) save(); }}>
      <input aria-label="Section title" value={title} maxLength={200} onChange={(event) => setTitle(event.target.value)} className={INPUT} />
      <textarea aria-label="Section text, in markdown" value={body} maxLength={50_000} rows={Math.min(24, Math.max(6, body.split("\n").length + 2))} autoFocus
        onChange={(event) => setBody(event.target.value)} className={`${INPUT} font-mono text-[13px] leading-5`} />
      <div className="flex gap-2"><Button look="solid" type="submit">Save</Button><Button onClick={onDone}>Cancel</Button></div>
    </form>
  );
}
