/** A job: how it goes, what it asks, how it ended and what it cost. */

import { useQuery } from "@tanstack/react-query";
import { LoaderCircle, Square, ThumbsDown, ThumbsUp } from "lucide-react";
import { useEffect, useState } from "react";
import { Problem } from "../api/client";
import { viewing } from "../api/identity";
import { cancelJob, type Job, rateJob, readTrace, resumeJob } from "../api/jobs";
import type { Message } from "../api/sessions";
import { useOpen } from "../editor/context";
import { useUi } from "../editor/store";
import { Button, IconButton, INPUT } from "../ui/parts";
import { count, dollars, seconds } from "../ui/words";

export function RunningJob({ job }: { job: Job }) {
  const { session } = useOpen();
  const elapsed = useElapsed(job.started_at ?? job.created_at);
  if (job.status === "awaiting_input") return <Question job={job} />;
  const { progress } = job;
  const state = job.status === "queued" ? "Waiting for its turn" : progress.message || "Working on it";
  const cancel = () => void cancelJob(job.id).then(() => session.lookNow(), tellProblem);
  return (
    <section aria-label="The job that runs" className="rounded-xl border border-border p-3">
      <div className="flex items-start gap-2">
        <LoaderCircle size={17} className="mt-0.5 shrink-0 animate-spin text-accent" aria-hidden />
        <p role="status" className="min-w-0 flex-1 [overflow-wrap:anywhere]">{state}</p>
        <IconButton label="Cancel the job" onClick={cancel}><Square size={14} aria-hidden /></IconButton>
      </div>
      <p className="mt-1 text-xs text-muted">
        Turn {job.turn + 1} · {count(progress.tool_calls, "tool call")} · {count(progress.nodes, "node")} · {seconds(elapsed)} · {dollars(job.cost_usd)}
      </p>
      <Calls job={job} live />
    </section>
  );
}

const tellProblem = (error: unknown) => useUi.getState().tell(error instanceof Problem ? error.detail : String(error));

function useElapsed(since: string): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, []);
  return Math.max(0, now - new Date(since).getTime());
}

/** The tool calls of the turns that are saved. */
function Calls({ job, live = false }: { job: Job; live?: boolean }) {
  const { data } = useQuery({ queryKey: ["trace", job.id, job.turn, job.status], queryFn: () => readTrace(job.id), placeholderData: (before) => before });
  const calls = data?.flatMap((turn) => turn.tool_calls) ?? [];
  if (calls.length === 0) return null;
  return (
    <ul aria-label="Tool calls" className={`mt-2 space-y-0.5 overflow-y-auto text-xs text-muted ${live ? "max-h-28" : "max-h-60"}`} tabIndex={0}>
      {(live ? calls.slice(-30) : calls).map((call) => <li key={call.id} className={call.is_error ? "text-bad" : ""}>{said(call.name, call.input)}{call.is_error ? " (refused)" : ""}</li>)}
    </ul>
  );
}

/** A tool call in a few words. Pure. */
export function said(name: string, input: Record<string, unknown>): string {
  const text = (key: string) => (typeof input[key] === "string" ? (input[key] as string) : "");
  const ends = text("source") && text("target") ? `${text("source")} → ${text("target")}` : "";
  const what = text("label") && !ends ? text("label") : ends || text("id") || text("title") || text("question") || text("query");
  return `${name.replaceAll("_", " ")}${what ? `: ${what}` : ""}`;
}

function Question({ job }: { job: Job }) {
  const { session } = useOpen();
  const [answer, setAnswer] = useState("");
  const [busy, setBusy] = useState(false);
  const { awaiting } = job;
  if (!awaiting) return null;
  const send = async (given: Parameters<typeof resumeJob>[1]) => {
    setBusy(true);
    await resumeJob(job.id, given).catch(tellProblem);
    setBusy(false);
    session.lookNow();
  };
  if (awaiting.kind === "approval") {
    return (
      <section aria-label="The agent asks for approval" className="rounded-xl border border-warn bg-warn-soft p-3 text-warn">
        <p className="font-medium">{awaiting.reason}</p>
        <ul className="my-2 max-h-40 list-disc overflow-y-auto pl-5 text-sm" tabIndex={0}>
          {(awaiting.ops ?? []).map((op, at) => <li key={at}>{said(String((op as Record<string, unknown>)["op"] ?? ""), op as Record<string, unknown>)}</li>)}
        </ul>
        <div className="flex gap-2">
          <Button look="solid" disabled={busy} onClick={() => void send({ decision: "approve" })}>Approve</Button>
          <Button disabled={busy} onClick={() => void send({ decision: "reject" })}>Refuse</Button>
        </div>
      </section>
    );
  }
  return (
    <section aria-label="The agent asks" className="rounded-xl border border-accent bg-accent-soft p-3">
      <p className="mb-2 font-medium">{awaiting.question}</p>
      <div className="mb-2 flex flex-wrap gap-2">
        {(awaiting.options ?? []).map((option) => <Button key={option} look="solid" disabled={busy} onClick={() => void send({ answer: option })}>{option}</Button>)}
      </div>
      <form className="flex gap-2" onSubmit={(event) => { event.preventDefault(); if (answer.trim()) void send({ answer: answer.trim() }); }}>
        <input aria-label="Your answer" value={answer} onChange={(event) => setAnswer(event.target.value)} className={INPUT} placeholder="Or in your words …" />
        <Button type="submit" disabled={busy || !answer.trim()}>Answer</Button>
      </form>
    </section>
  );
}

/** Whether a job was of use; a comment may follow. */
function Rating({ job }: { job: Job }) {
  const [rating, setRating] = useState<"up" | "down" | null>(null);
  const [comment, setComment] = useState("");
  const [sent, setSent] = useState(false);
  const rate = (wanted: "up" | "down", text = "") => void rateJob(job.id, wanted, text).then(() => setRating(wanted), tellProblem);
  return (
    <span className="ml-1 inline-flex items-center align-middle">
      <IconButton label="This was of use" pressed={rating === "up"} onClick={() => rate("up")} className="!size-6"><ThumbsUp size={13} aria-hidden /></IconButton>
      <IconButton label="This was of no use" pressed={rating === "down"} onClick={() => rate("down")} className="!size-6"><ThumbsDown size={13} aria-hidden /></IconButton>
      {rating && !sent && (
        <form className="ml-1 flex gap-1" onSubmit={(event) => { event.preventDefault(); rate(rating, comment); setSent(true); }}>
          <input aria-label="Comment on the job" value={comment} maxLength={4_000} placeholder="Why? (optional)" onChange={(event) => setComment(event.target.value)} className={`${INPUT} !py-0.5 text-xs`} />
        </form>
      )}
      {sent && <span className="ml-1">Thank you.</span>}
    </span>
  );
}

const ENDINGS: Record<string, string> = { failed: "The job failed", cancelled: "The job was cancelled; its work is kept", incomplete: "The job stopped early; its work is kept" };

export function EndedJob({ job, onRetry, messages }: { job: Job; onRetry?: (text: string, focus: string[]) => Promise<boolean>; messages: readonly Message[] }) {
  const [open, setOpen] = useState(false);
  const { usage } = job;
  const took = job.finished_at && job.started_at ? new Date(job.finished_at).getTime() - new Date(job.started_at).getTime() : 0;
  const asked = messages.findLast((message) => message.role === "user" && message.job_id === job.id);
  const ending = ENDINGS[job.status];
  return (
    <section aria-label="The job that ended" className="mt-1 text-xs text-muted">
      {ending && (
        <p role="alert" className={`mb-1 rounded-lg px-2.5 py-2 text-sm ${job.status === "failed" ? "bg-bad-soft text-bad" : "bg-warn-soft text-warn"}`}>
          {ending}{job.error ? `: ${job.error.detail}` : "."}
          {asked && onRetry && <Button className="ml-2" onClick={() => void onRetry(asked.text, asked.focus)}>Try again</Button>}
        </p>
      )}
      <button type="button" aria-expanded={open} onClick={() => setOpen(!open)} className="rounded hover:underline">
        {job.model} · {count(job.turn, "turn")} · {(usage.input_tokens + usage.cache_read_tokens + usage.cache_write_tokens + usage.output_tokens).toLocaleString("en")} tokens · {dollars(job.cost_usd)} · {seconds(took)}
      </button>
      {!viewing && <Rating job={job} />}
      {open && (
        <>
          <p className="mt-1">{usage.input_tokens.toLocaleString("en")} in, {usage.output_tokens.toLocaleString("en")} out, {usage.cache_read_tokens.toLocaleString("en")} from the cache</p>
          <Calls job={job} />
        </>
      )}
    </section>
  );
}
