/** A job that is not over: how it goes and what it asks. */

import { LoaderCircle } from "lucide-react";
import { lazy, useEffect, useState } from "react";
import { checklist, type Job } from "../api/jobs";
import { Later } from "../ui/Later";
import { count, dollars, seconds } from "../ui/words";
import { Calls } from "./Calls";
import { Checklist, tally } from "./Checklist";
import { Stop } from "./Stop";

const Asked = lazy(() => import("./Asked"));

export function RunningJob({ job }: { job: Job }) {
  return job.status === "awaiting_input" && job.awaiting ? <WaitingJob job={job} awaiting={job.awaiting} /> : <WorkingJob job={job} />;
}

function WaitingJob({ job, awaiting }: { job: Job; awaiting: NonNullable<Job["awaiting"]> }) {
  const steps = checklist(job);
  return (
    <>
      <Later><Asked key={`${job.id} ${awaiting.key ?? ""}`} job={job} awaiting={awaiting} /></Later>
      {steps.length > 0 && <div className="rounded-xl border border-border p-3 text-xs text-muted">{tally(steps)}<Checklist steps={steps} over /></div>}
    </>
  );
}

function WorkingJob({ job }: { job: Job }) {
  const elapsed = useElapsed(job.started_at ?? job.created_at);
  const { progress } = job;
  const state = progress.message || "Working on it";
  const steps = checklist(job);
  return (
    <section aria-label="The job that runs" className="rounded-xl border border-border p-3">
      <div className="flex items-start gap-2">
        <LoaderCircle size={17} className="mt-0.5 shrink-0 animate-spin text-accent" aria-hidden />
        <p role="status" className="min-w-0 flex-1 [overflow-wrap:anywhere]">{state}</p>
        <Stop job={job} />
      </div>
      <p className="mt-1 text-xs text-muted">
        {steps.length > 0 ? tally(steps) : `Turn ${job.turn + 1}`} · {count(progress.tool_calls, "tool call")} · {count(progress.nodes, "node")} · {seconds(elapsed)} · {dollars(job.cost_usd)}
      </p>
      {steps.length > 0 && <Checklist steps={steps} />}
      <Calls job={job} live />
    </section>
  );
}

function useElapsed(since: string): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, []);
  return Math.max(0, now - new Date(since).getTime());
}
