/** A job that is not over: how it goes, what it asks, and the way to stop it. */

import { LoaderCircle, Square } from "lucide-react";
import { lazy, useEffect, useState } from "react";
import { cancelJob, checklist, type Job } from "../api/jobs";
import { useOpen } from "../editor/context";
import { Later } from "../ui/Later";
import { Button } from "../ui/parts";
import { count, dollars, seconds } from "../ui/words";
import { Calls } from "./Calls";
import { Checklist, tally } from "./Checklist";
import { tellProblem } from "./resuming";

const Asked = lazy(() => import("./Asked"));

export function RunningJob({ job }: { job: Job }) {
  return job.status === "awaiting_input" && job.awaiting ? <WaitingJob job={job} awaiting={job.awaiting} /> : <WorkingJob job={job} />;
}

function WaitingJob({ job, awaiting }: { job: Job; awaiting: NonNullable<Job["awaiting"]> }) {
  const steps = checklist(job);
  return (
    <div className="space-y-2">
      <Later><Asked key={`${job.id} ${awaiting.key ?? ""}`} job={job} awaiting={awaiting} /></Later>
      <div className="rounded-xl border border-border p-3">
        <div className="flex items-center gap-2 text-xs text-muted">
          <p role="status" className="min-w-0 flex-1">Waiting for you · {dollars(job.cost_usd)} so far</p>
          <Stop job={job} />
        </div>
        {steps.length > 0 && <Checklist steps={steps} over />}
      </div>
    </div>
  );
}

function WorkingJob({ job }: { job: Job }) {
  const elapsed = useElapsed(job.started_at ?? job.created_at);
  const { progress } = job;
  const state = job.status === "queued" ? "Waiting for its turn" : progress.message || "Working on it";
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

/** Ends the job between two steps of its work. */
export function Stop({ job }: { job: Job }) {
  const { session } = useOpen();
  const stop = () => void cancelJob(job.id).then(() => session.lookNow(), tellProblem);
  return (
    <Button className="!gap-1 !px-2 !py-0.5 !text-xs" title="Stop the job; what it has done is kept" onClick={stop}>
      <Square size={11} fill="currentColor" aria-hidden />Stop
    </Button>
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
