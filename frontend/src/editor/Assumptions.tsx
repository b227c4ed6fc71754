/** What was assumed because nobody said it: read it, see what rests on it, say what holds instead. */

import { useQueryClient } from "@tanstack/react-query";
import { LoaderCircle, Pencil, Trash2 } from "lucide-react";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { changeAssumption } from "../api/assumptions";
import { newKey } from "../api/client";
import { viewing } from "../api/identity";
import { isActive } from "../api/jobs";
import { tellProblem } from "../chat/resuming";
import { Stop } from "../chat/Stop";
import { Button, IconButton, INPUT } from "../ui/parts";
import { count } from "../ui/words";
import { useActions } from "./actions";
import { type Assumption, assumptions } from "./assumptions";
import { useLive, useOpen, useShown } from "./context";
import { useUi } from "./store";

const TEXT_MAX = 2_000;

export default function Assumptions() {
  const { diagram, past } = useShown();
  const [editing, setEditing] = useState<string | null>(null);
  const readOnly = viewing || past !== null;
  const found = assumptions(diagram);
  return (
    <div className="flex h-full flex-col">
      <Running />
      <div className="min-h-0 flex-1 overflow-y-auto p-3" tabIndex={0} role="group" aria-label="What was assumed">
        <p className="mb-3 text-muted">{found.length > 0
          ? "Nobody said these; the agent decided. Change one, and what rests on it is planned anew."
          : "Nothing is assumed. What the agent decides because nobody said it stands here."}</p>
        <ul className="space-y-2">
          {found.map((one) => (
            <li key={one.id}>
              {editing === one.id && !readOnly
                ? <Change assumption={one} onDone={() => setEditing(null)} />
                : <Shown assumption={one} readOnly={readOnly} onEdit={() => setEditing(one.id)} />}
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}

/** The job, for those who look at this panel and not at the conversation. */
function Running() {
  const job = useLive((live) => live.job);
  const show = useUi((ui) => ui.show);
  if (!isActive(job) || viewing) return null;
  const waits = job.status === "awaiting_input";
  return (
    <div className="flex items-center gap-2 border-b border-border bg-accent-soft px-3 py-2 text-sm">
      {!waits && <LoaderCircle size={15} className="shrink-0 animate-spin text-accent" aria-hidden />}
      <p role="status" className="min-w-0 flex-1 truncate">{waits ? "The agent waits for you." : job.progress.message || "The agent works."}</p>
      {waits && <Button look="solid" className="!px-2 !py-0.5 !text-xs" onClick={() => show("chat")}>Answer</Button>}
      <Stop job={job} />
    </div>
  );
}

function Shown({ assumption, readOnly, onEdit }: { assumption: Assumption; readOnly: boolean; onEdit(): void }) {
  const { session } = useOpen();
  const wanted = useUi((ui) => ui.assumption === assumption.id);
  const card = useRef<HTMLElement>(null);
  useEffect(() => {
    if (wanted) card.current?.scrollIntoView({ block: "nearest" });
  }, [wanted]);
  const remove = () => session.edit([{ op: "delete_section", slug: assumption.id }]);
  return (
    <section ref={card} aria-label={assumption.topic} className={`rounded-xl border p-3 ${wanted ? "border-accent" : "border-border"}`}>
      <div className="flex items-start gap-1">
        <h2 className="min-w-0 flex-1 py-0.5 font-semibold [overflow-wrap:anywhere]">{assumption.topic}</h2>
        {!readOnly && <IconButton className="!size-7" label={`Change ${assumption.topic}`} onClick={onEdit}><Pencil size={14} aria-hidden /></IconButton>}
        {!readOnly && <IconButton className="!size-7" label={`Delete ${assumption.topic}`} onClick={remove}><Trash2 size={14} aria-hidden /></IconButton>}
      </div>
      <p className="whitespace-pre-wrap [overflow-wrap:anywhere]">{assumption.text}</p>
      <RestsOn ids={assumption.restsOn} />
    </section>
  );
}

function RestsOn({ ids }: { ids: readonly string[] }) {
  const { diagram } = useShown();
  const { find } = useActions();
  const point = (pointed: string | null) => useUi.getState().set({ pointed });
  useEffect(() => () => point(null), []);
  if (ids.length === 0) return <p className="mt-1.5 text-xs text-muted">Nothing in the diagram rests on it.</p>;
  return (
    <ul aria-label="Rests on it" className="mt-2 flex flex-wrap gap-1.5">
      {ids.map((id) => (
        <li key={id} className="max-w-full">
          <button type="button" title="Show it on the canvas" onClick={() => find(id)} onMouseEnter={() => point(id)} onMouseLeave={() => point(null)} onFocus={() => point(id)} onBlur={() => point(null)}
            className="block max-w-full truncate rounded-full border border-border bg-panel px-2.5 py-0.5 text-xs text-muted hover:border-accent hover:text-text">
            {diagram.nodes.get(id)?.label ?? id}
          </button>
        </li>
      ))}
    </ul>
  );
}

function Change({ assumption, onDone }: { assumption: Assumption; onDone(): void }) {
  const { id, session } = useOpen();
  const cache = useQueryClient();
  const busy = useLive((live) => isActive(live.job));
  const [text, setText] = useState(assumption.text);
  const [sent, setSent] = useState(false);
  const last = useRef({ text: "", key: "" });
  const rests = assumption.restsOn.length;
  const blocked = sent || busy || !text.trim() || text.trim() === assumption.text;
  const save = (event?: FormEvent) => {
    event?.preventDefault();
    if (blocked) return;
    setSent(true);
    if (last.current.text !== text.trim()) last.current = { text: text.trim(), key: newKey() };
    changeAssumption(id, assumption.id, text.trim(), last.current.key).then(
      () => {
        void cache.invalidateQueries({ queryKey: ["messages", id] });
        session.lookNow();
        onDone();
      },
      (error: unknown) => {
        setSent(false);
        tellProblem(error);
      },
    );
  };
  return (
    <form aria-label={`Change ${assumption.topic}`} onSubmit={save} className="rounded-xl border border-accent p-3"
      onKeyDown={(event) => { event.stopPropagation(); if (event.key === "Escape") onDone(); if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) save(); }}>
      <h2 className="mb-1.5 font-semibold [overflow-wrap:anywhere]">{assumption.topic}</h2>
      <textarea aria-label="What holds instead" value={text} maxLength={TEXT_MAX} rows={3} autoFocus onChange={(event) => setText(event.target.value)} className={`${INPUT} [field-sizing:content]`} />
      <p className="my-1.5 text-xs text-muted">
        {busy ? "A job runs; wait for its end, or stop it." : rests > 0 ? `The agent changes ${count(rests, "node")} as far as they no longer fit, and nothing else.` : "Nothing in the diagram rests on it; only the text changes."}
      </p>
      <div className="flex flex-wrap gap-2">
        <Button type="submit" look="solid" disabled={blocked}>{rests > 0 ? "Change and re-plan" : "Change"}</Button>
        <Button onClick={onDone}>Cancel</Button>
      </div>
    </form>
  );
}
