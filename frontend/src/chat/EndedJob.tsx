/** How a job ended and what it cost. */

import { useState } from "react";
import { viewing } from "../api/identity";
import { checklist, type Job } from "../api/jobs";
import type { Message } from "../api/sessions";
import { Button } from "../ui/parts";
import { count, dollars, seconds } from "../ui/words";
import { Calls } from "./Calls";
import { Checklist, tally } from "./Checklist";
import { Rating } from "./Rating";

const ENDINGS: Record<string, string> = { failed: "The job failed", cancelled: "The job was cancelled; its work is kept", incomplete: "Not all was done; what was done is kept" };

export function EndedJob({ job, onRetry, messages }: { job: Job; onRetry?: (text: string, focus: string[]) => Promise<boolean>; messages: readonly Message[] }) {
  const [open, setOpen] = useState(false);
  const { usage } = job;
  const took = job.finished_at && job.started_at ? new Date(job.finished_at).getTime() - new Date(job.started_at).getTime() : 0;
  const asked = messages.findLast((message) => message.role === "user" && message.job_id === job.id);
  const ending = ENDINGS[job.status];
  const steps = checklist(job);
  return (
    <section aria-label="The job that ended" className="mt-1 text-xs text-muted">
      {ending && (
        <p role="alert" className={`mb-1 rounded-lg px-2.5 py-2 text-sm ${job.status === "failed" ? "bg-bad-soft text-bad" : "bg-warn-soft text-warn"}`}>
          {ending}{job.error ? `: ${job.error.detail}` : "."}
          {asked && onRetry && <Button className="ml-2" onClick={() => void onRetry(asked.text, asked.focus)}>Try again</Button>}
        </p>
      )}
      {steps.length > 0 && (
        <details className="mb-1" open={steps.some((step) => step.status !== "done")}>
          <summary className="cursor-pointer">{tally(steps)}</summary>
          <Checklist steps={steps} over />
        </details>
      )}
      <button type="button" aria-expanded={open} onClick={() => setOpen(!open)} className="rounded text-left hover:underline">
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
