/** The conversation with the agent. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { ArrowUp, X } from "lucide-react";
import { type FormEvent, useEffect, useMemo, useRef, useState } from "react";
import { newKey, Problem } from "../api/client";
import { ENDED, isActive } from "../api/jobs";
import { type Message, readMessages, sendMessage } from "../api/sessions";
import { useLive, useOpen } from "../editor/context";
import { useUi } from "../editor/store";
import { IconButton } from "../ui/parts";
import { EndedJob, RunningJob } from "./JobCard";
import { ModelChoice } from "./ModelChoice";
import { suggestions } from "./suggestions";
import { Words } from "./Words";

export function Chat() {
  const { id } = useOpen();
  const job = useLive((live) => live.job);
  const { data: messages } = useQuery({ queryKey: ["messages", id], queryFn: () => readMessages(id), staleTime: 5_000 });
  const end = useRef<HTMLDivElement>(null);
  const sending = useSending();
  useEffect(() => {
    end.current?.scrollIntoView({ block: "end" });
  }, [messages, job?.status, job?.progress.message, sending.waiting]);
  return (
    <div className="flex h-full flex-col">
      <div className="min-h-0 flex-1 space-y-3 overflow-y-auto p-3" tabIndex={0} role="log" aria-label="Messages">
        {(messages ?? []).length === 0 && !sending.waiting && <p className="text-muted">Say what to draw or change. Select nodes to talk about them.</p>}
        {(messages ?? []).map((message, at) => <Bubble key={message.id} message={message} last={at === (messages ?? []).length - 1} />)}
        {sending.waiting && <p className="ml-8 rounded-xl bg-accent-soft px-3 py-2 opacity-60">{sending.waiting}</p>}
        {isActive(job) && <RunningJob job={job} />}
        {job && ENDED.has(job.status) && job.status !== "succeeded" && <EndedJob key={job.id} job={job} onRetry={sending.send} messages={messages ?? []} />}
        <div ref={end} />
      </div>
      <Composer sending={sending} />
    </div>
  );
}

function Bubble({ message, last }: { message: Message; last: boolean }) {
  const diagram = useLive((live) => live.diagram);
  const job = useLive((live) => live.job);
  if (message.role === "user") {
    return (
      <div className="ml-8 rounded-xl bg-accent-soft px-3 py-2">
        {message.focus.length > 0 && <p className="mb-1 flex flex-wrap gap-1">{message.focus.map((id) => <Chip key={id} label={diagram.nodes.get(id)?.label ?? id} />)}</p>}
        <p className="whitespace-pre-wrap [overflow-wrap:anywhere]">{message.text}</p>
      </div>
    );
  }
  return (
    <div>
      <div className="words [overflow-wrap:anywhere]"><Words text={message.text} /></div>
      {last && job?.status === "succeeded" && job.id === message.job_id && <EndedJob job={job} messages={[]} />}
    </div>
  );
}

function Chip({ label, onRemove }: { label: string; onRemove?: () => void }) {
  return (
    <span className="inline-flex max-w-44 items-center gap-1 rounded-full border border-border bg-panel px-2 py-0.5 text-xs">
      <span className="truncate">{label}</span>
      {onRemove && <button type="button" aria-label={`Do not talk about ${label}`} onClick={onRemove}><X size={12} aria-hidden /></button>}
    </span>
  );
}

/** Sending a message; a repeat after a broken line has the same key, so nothing is said twice. */
function useSending() {
  const { id, session } = useOpen();
  const cache = useQueryClient();
  const [waiting, setWaiting] = useState<string | null>(null);
  const [model, setModel] = useState<string | null>(null);
  const last = useRef({ said: "", key: "" });
  const send = async (text: string, focus: string[]): Promise<boolean> => {
    const said = JSON.stringify([text, focus, model]);
    if (last.current.said !== said) last.current = { said, key: newKey() };
    setWaiting(text);
    try {
      await sendMessage(id, { text, focus, on_busy: "reject", ...(model ? { model } : {}) }, last.current.key);
      last.current = { said: "", key: "" };
      await cache.invalidateQueries({ queryKey: ["messages", id] });
      session.lookNow();
      return true;
    } catch (error) {
      useUi.getState().tell(error instanceof Problem ? `Not sent: ${error.detail}` : String(error));
      return false;
    } finally {
      setWaiting(null);
    }
  };
  return { waiting, send, model, setModel };
}

type Sending = ReturnType<typeof useSending>;

function Composer({ sending }: { sending: Sending }) {
  const [text, setText] = useState("");
  const selected = useUi((ui) => ui.selected);
  const { diagram, job } = useLive();
  const busy = isActive(job) || sending.waiting !== null;
  const focus = [...selected].filter((one) => diagram.nodes.has(one));
  const ideas = useMemo(() => suggestions(diagram), [diagram]);
  const submit = async (event?: FormEvent) => {
    event?.preventDefault();
    if (!text.trim() || busy) return;
    if (await sending.send(text, focus.slice(0, 100))) setText("");
  };
  const idle = !busy && !text && diagram.nodes.size > 0 && focus.length === 0;
  return (
    <form onSubmit={(event) => void submit(event)} className="border-t border-border p-2">
      {idle && ideas.length > 0 && (
        <ul aria-label="Suggestions" className="mb-2 flex flex-wrap gap-1.5">
          {ideas.map((idea) => <li key={idea}><button type="button" onClick={() => setText(idea)} className="rounded-full border border-border px-2.5 py-1 text-left text-xs text-muted hover:border-accent hover:text-text">{idea}</button></li>)}
        </ul>
      )}
      {focus.length > 0 && (
        <p aria-label="Talking about" className="mb-1.5 flex flex-wrap gap-1">
          {focus.slice(0, 8).map((one) => (
            <Chip key={one} label={diagram.nodes.get(one)!.label} onRemove={() => useUi.getState().select([...selected].filter((other) => other !== one))} />
          ))}
          {focus.length > 8 && <span className="text-xs text-muted">and {focus.length - 8} more</span>}
        </p>
      )}
      <div className="rounded-xl border border-border bg-canvas p-1.5 focus-within:border-accent">
        <textarea rows={2} value={text} aria-label="Message" onChange={(event) => setText(event.target.value)} placeholder={focus.length ? "Change this to a managed service …" : "Add a cache in front of the database …"}
          onKeyDown={(event) => { if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) void submit(event); }}
          className="w-full resize-none bg-transparent px-1 text-sm outline-none placeholder:text-muted" />
        <div className="flex items-center justify-between gap-2">
          <ModelChoice small value={sending.model} onChange={sending.setModel} />
          <IconButton type="submit" label="Send" disabled={busy || !text.trim()} className="!bg-accent !text-accent-text"><ArrowUp size={16} aria-hidden /></IconButton>
        </div>
      </div>
    </form>
  );
}
