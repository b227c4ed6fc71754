/** A section being written, rich or as markdown. What others did to it meanwhile is shown before anything is saved. */

import { lazy, Suspense, useState } from "react";
import { readDocument } from "../api/document";
import { Words } from "../chat/Words";
import { useLive, useOpen } from "../editor/context";
import type { Section } from "../editor/diagram";
import { Button, INPUT } from "../ui/parts";
import { clash, type Draft, isChanged, useDrafts, type Words as Said } from "./drafts";
import { local } from "../storage";

const RichText = lazy(() => import("./RichText"));
type Mode = "rich" | "markdown";
const MODE = "archwright:writing";
const LETTERS_MAX = 50_000;

export function Writing({ draft, now }: { draft: Draft; now: Section | undefined }) {
  const { id, session } = useOpen();
  const { put, drop } = useDrafts();
  const unsaved = useLive((live) => live.unsaved);
  const [mode, setMode] = useState<Mode>(() => (local.getItem(MODE) === "markdown" ? "markdown" : "rich"));
  const [ahead, setAhead] = useState<{ seen: Section | undefined; said: Said | undefined } | null>(null);
  const [saving, setSaving] = useState(false);
  const theirs = ahead && ahead.seen === now ? ahead.said : now;
  const trouble = clash(draft, theirs);
  const tooLong = draft.body.length > LETTERS_MAX;
  const done = () => drop(draft.slug);
  const choose = (next: Mode) => { local.setItem(MODE, next); setMode(next); };
  const save = async () => {
    const title = draft.title.trim() || now?.title || "Untitled";
    if (!isChanged(draft)) return done();
    if (tooLong || saving) return;
    setSaving(true);
    const said = unsaved > 0 ? theirs : await newest(id, draft.slug, theirs);
    setSaving(false);
    setAhead({ seen: now, said });
    if (clash(draft, said) !== null) return session.lookNow();
    session.edit([{ op: "set_section", slug: draft.slug, title, body: draft.body }]);
    done();
  };
  const keepMine = () => put({ ...draft, base: theirs ? { title: theirs.title, body: theirs.body } : null });
  return (
    <form aria-label={`Edit ${now?.title ?? draft.title}`} id={`section-${draft.slug}`} className="flex flex-col gap-2 pt-5" onSubmit={(event) => { event.preventDefault(); void save(); }}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key === "Escape" && !isChanged(draft)) done();
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void save();
      }}>
      <div className="flex items-center gap-2">
        <input aria-label="Section title" value={draft.title} maxLength={200} onChange={(event) => put({ ...draft, title: event.target.value })} className={INPUT} />
        <Modes mode={mode} onChoose={choose} />
      </div>
      {mode === "rich"
        ? <Suspense fallback={<p className="text-sm text-muted">Loading the editor …</p>}><RichText body={draft.body} onChange={(body) => put({ ...current(draft), body })} /></Suspense>
        : <textarea aria-label="Section text, in markdown" value={draft.body} maxLength={LETTERS_MAX} rows={Math.min(24, Math.max(6, draft.body.split("\n").length + 2))} autoFocus
            onChange={(event) => put({ ...draft, body: event.target.value })} className={`${INPUT} font-mono text-[13px] leading-5`} />}
      {tooLong && <p role="alert" className="text-sm text-bad">The text has {draft.body.length.toLocaleString("en")} characters; a section may have {LETTERS_MAX.toLocaleString("en")}.</p>}
      {trouble && <Clash what={trouble} theirs={theirs} onMine={keepMine} onTheirs={done} />}
      <div className="flex gap-2">
        <Button look="solid" type="submit" disabled={saving || tooLong || trouble !== null}>Save</Button>
        <Button onClick={done}>Cancel</Button>
      </div>
    </form>
  );
}

/** The draft as it is by now: the rich editor tells of a change later than the page was drawn. */
const current = (draft: Draft) => useDrafts.getState().drafts.get(draft.slug) ?? draft;

/** What the server has of a section, or what is known here when it cannot be asked. */
async function newest(session: string, slug: string, known: Said | undefined): Promise<Said | undefined> {
  try {
    return (await readDocument(session)).find((one) => one.slug === slug);
  } catch {
    return known;
  }
}

function Modes({ mode, onChoose }: { mode: Mode; onChoose(mode: Mode): void }) {
  return (
    <div role="group" aria-label="How to write" className="flex shrink-0 rounded-lg border border-border p-0.5 text-xs">
      {(["rich", "markdown"] as const).map((one) => (
        <button key={one} type="button" aria-pressed={mode === one} onClick={() => onChoose(one)}
          className={`rounded-md px-2 py-1 ${mode === one ? "bg-accent-soft text-accent" : "hover:bg-shade"}`}>{one === "rich" ? "Rich" : "Markdown"}</button>
      ))}
    </div>
  );
}

function Clash({ what, theirs, onMine, onTheirs }: { what: "changed" | "removed"; theirs: Said | undefined; onMine(): void; onTheirs(): void }) {
  return (
    <div role="alert" className="rounded-md bg-warn-soft px-3 py-2 text-sm text-warn">
      <p>{what === "removed" ? "This section was removed while you wrote." : "This section was changed while you wrote. It says now:"}</p>
      {theirs && <div className="words my-2 max-h-48 overflow-y-auto rounded border border-border bg-panel px-3 py-2 text-text"><p><strong>{theirs.title}</strong></p><Words text={theirs.body} /></div>}
      <div className="mt-2 flex gap-2">
        <Button onClick={onMine}>Go on with mine</Button>
        <Button onClick={onTheirs}>{what === "removed" ? "Leave it removed" : "Take theirs"}</Button>
      </div>
    </div>
  );
}
