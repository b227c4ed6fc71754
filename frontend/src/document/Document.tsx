/** The design document: read it, write in it, see what is no longer so, and jump to what a section is about. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { FilePlus2, RefreshCw } from "lucide-react";
import { useEffect } from "react";
import { readDocument, type Standing, writeDocument } from "../api/document";
import { viewing } from "../api/identity";
import { isActive } from "../api/jobs";
import { isAssumption } from "../editor/assumptions";
import { useLive, useOpen, useShown } from "../editor/context";
import type { Diagram, Section } from "../editor/diagram";
import { attempt } from "../ui/attempt";
import { Button, IconButton } from "../ui/parts";
import { count } from "../ui/words";
import { begin, type Draft, useDrafts } from "./drafts";
import { useWanted } from "./jump";
import { Shown } from "./Shown";
import { canUpdate, isOn, setUpToDate, useSetting } from "./upToDate";
import { Writing } from "./Writing";

/** The sections in their order, those that the agent is writing with them. Pure. */
export function ordered(diagram: Diagram, written: readonly Section[]): Section[] {
  const sections = new Map(diagram.sections);
  for (const section of written) sections.set(section.slug, section);
  return [...sections.values()].sort((a, b) => a.position - b.position || (a.slug < b.slug ? -1 : 1));
}

const NONE: ReadonlyMap<string, Draft> = new Map();

export function Document() {
  const { id } = useOpen();
  const { diagram, past } = useShown();
  const version = useLive((live) => live.version);
  const preview = useLive((live) => live.preview);
  const { data } = useQuery({ queryKey: ["document", id, version], queryFn: () => readDocument(id), placeholderData: (before) => before, meta: { unread: "How the sections stand could not be read" } });
  const standing = new Map((data ?? []).map((one) => [one.slug, one]));
  const sections = ordered(diagram, past === null ? ((preview?.sections ?? []) as Section[]) : []);
  const readOnly = viewing || past !== null;
  const drafts = useOwnDrafts(id, readOnly);
  const lost = [...drafts.values()].filter((draft) => !sections.some((section) => section.slug === draft.slug));
  useJumps(sections);
  return (
    <div className="flex h-full flex-col">
      {!readOnly && <Bar stale={(data ?? []).filter(canUpdate).length} empty={sections.every(isAssumption)} />}
      {sections.length > 1 && <Contents sections={sections} standing={standing} />}
      <div className="min-h-0 flex-1 overflow-y-auto px-4 pb-8">
        {sections.every(isAssumption) && <p className="py-6 text-muted">There is no design document yet. The agent writes it from the diagram, or you begin with a section of your own.</p>}
        {sections.map((section) => drafts.has(section.slug)
          ? <Writing key={section.slug} draft={drafts.get(section.slug)!} now={diagram.sections.get(section.slug)} />
          : <Shown key={section.slug} section={section} standing={standing.get(section.slug)} readOnly={readOnly} onEdit={() => useDrafts.getState().put(begin(section))} />)}
        {lost.map((draft) => <Writing key={draft.slug} draft={draft} now={undefined} />)}
      </div>
    </div>
  );
}

function useOwnDrafts(id: string, readOnly: boolean): ReadonlyMap<string, Draft> {
  const { session, drafts, open } = useDrafts();
  useEffect(() => open(id), [id, open]);
  return session === id && !readOnly ? drafts : NONE;
}

/** Show the section that was asked for from a node, and put the focus there. */
function useJumps(sections: readonly Section[]): void {
  const slug = useWanted((wanted) => wanted.slug);
  const there = sections.some((section) => section.slug === slug);
  useEffect(() => {
    if (slug === null || !there) return;
    jump(slug);
    useWanted.setState({ slug: null });
  }, [slug, there]);
}

function jump(slug: string): void {
  const section = window.document.getElementById(`section-${slug}`);
  section?.scrollIntoView({ block: "start" });
  section?.focus({ preventScroll: true });
}

function Bar({ stale, empty }: { stale: number; empty: boolean }) {
  const { id, session } = useOpen();
  const cache = useQueryClient();
  const busy = useLive((live) => isActive(live.job));
  const diagram = useLive((live) => live.diagram);
  const on = useSetting((setting) => isOn(setting.on, id));
  const write = (onlyStale: boolean) => void attempt("The document is not being written", async () => {
    await session.flush();
    await writeDocument(id, onlyStale);
    session.lookNow();
    void cache.invalidateQueries({ queryKey: ["messages", id] });
  });
  const add = () => {
    let number = 1;
    while (diagram.sections.has(`notes-${number}`)) number += 1;
    const last = Math.max(0, ...[...diagram.sections.values()].map((section) => section.position));
    const section = { slug: `notes-${number}`, title: "Notes", body: "", position: last + 1 };
    session.edit([{ op: "set_section", ...section }]);
    useDrafts.getState().put(begin(section));
  };
  return (
    <div className="flex flex-wrap items-center gap-1.5 border-b border-border px-3 py-2">
      {stale > 0 && <Button look="solid" disabled={busy} onClick={() => write(true)}><RefreshCw size={14} aria-hidden />Update {count(stale, "stale section")}</Button>}
      <Button look={empty ? "solid" : "soft"} disabled={busy || diagram.nodes.size === 0} onClick={() => write(false)}>{empty ? "Write the document" : "Write all anew"}</Button>
      <span className="flex-1" />
      <label className="flex items-center gap-1.5 text-xs text-muted" title="Stale sections that the agent wrote are updated when nobody has edited for five seconds. What a person wrote stays.">
        <input type="checkbox" checked={on} onChange={(event) => setUpToDate(id, event.target.checked)} />Keep up to date
      </label>
      <IconButton label="Add a section" onClick={add}><FilePlus2 size={16} aria-hidden /></IconButton>
    </div>
  );
}

function Contents({ sections, standing }: { sections: readonly Section[]; standing: ReadonlyMap<string, Standing> }) {
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
