/** Where one says what is wanted: the words, what they are about, who answers. */

import { useQueryClient } from "@tanstack/react-query";
import { ArrowUp } from "lucide-react";
import { type FormEvent, useMemo, useRef, useState } from "react";
import { newKey } from "../api/client";
import { isActive } from "../api/jobs";
import { sendMessage } from "../api/sessions";
import { useLive, useOpen } from "../editor/context";
import { useUi } from "../editor/store";
import { attempt } from "../ui/attempt";
import { IconButton } from "../ui/parts";
import { ApproveAbove, limitOf } from "./ApproveAbove";
import { Chip } from "./Chip";
import { ModelChoice } from "./ModelChoice";
import { stillOpen, suggestions } from "./suggestions";

/** Sending a message; a repeat after a broken line has the same key, so nothing is said twice. */
export function useSending() {
  const { id, session } = useOpen();
  const cache = useQueryClient();
  const [waiting, setWaiting] = useState<string | null>(null);
  const [model, setModel] = useState<string | null>(null);
  const last = useRef({ said: "", key: "" });
  const send = async (text: string, focus: string[]): Promise<boolean> => {
    const asked = { text, focus, on_busy: "reject" as const, ...(model ? { model } : {}), ...limitOf(useUi.getState()) };
    const said = JSON.stringify(asked);
    if (last.current.said !== said) last.current = { said, key: newKey() };
    setWaiting(text);
    const sent = await attempt("Not sent", async () => {
      await session.flush();
      await sendMessage(id, asked, last.current.key);
      last.current = { said: "", key: "" };
      await cache.invalidateQueries({ queryKey: ["messages", id] });
      session.lookNow();
    });
    setWaiting(null);
    return sent;
  };
  return { waiting, send, model, setModel };
}

type Sending = ReturnType<typeof useSending>;

/** `steps` are what the agent proposed last, `asked` what the person has asked for. */
export function Composer({ sending, steps, asked }: { sending: Sending; steps: readonly string[]; asked: readonly string[] }) {
  const [text, setText] = useState("");
  const selected = useUi((ui) => ui.selected);
  const { diagram, job } = useLive();
  const busy = isActive(job) || sending.waiting !== null;
  const focus = [...selected].filter((one) => diagram.nodes.has(one));
  const ideas = useMemo(() => {
    const open = stillOpen(steps, diagram, asked);
    return open.length > 0 ? open : stillOpen(suggestions(diagram), diagram, asked);
  }, [steps, diagram, asked]);
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
          {ideas.map((idea) => <li key={idea}><button type="button" title="Say this" onClick={() => void sending.send(idea, [])} className="rounded-2xl border border-border px-2.5 py-1 text-left text-xs text-muted hover:border-accent hover:text-text">{idea}</button></li>)}
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
        <textarea rows={2} value={text} aria-label="Message" data-message-box="" onChange={(event) => setText(event.target.value)} placeholder={job?.status === "awaiting_input" ? "The agent waits for your answer above …" : focus.length ? "Change this to a managed service …" : "Add a cache in front of the database …"}
          onKeyDown={(event) => { if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) void submit(event); }}
          className="w-full resize-none bg-transparent px-1 text-sm outline-none placeholder:text-muted" />
        <div className="flex items-center justify-between gap-2">
          <ModelChoice small value={sending.model} onChange={sending.setModel} />
          <IconButton type="submit" label="Send" disabled={busy || !text.trim()} className="!bg-accent !text-accent-text"><ArrowUp size={16} aria-hidden /></IconButton>
        </div>
        <ApproveAbove />
      </div>
    </form>
  );
}
