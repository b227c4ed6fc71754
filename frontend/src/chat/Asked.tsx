/** What a job waits for, as a form. */

import type { Awaiting, Job } from "../api/jobs";
import { dollars } from "../ui/words";
import { Deletions } from "./Deletions";
import { PlanForm } from "./PlanForm";
import { Questions } from "./Questions";
import { useArrival } from "./resuming";
import { Stop } from "./Stop";

export default function Asked({ job, awaiting }: { job: Job; awaiting: Awaiting }) {
  const form = useArrival();
  const question = awaiting.kind === "question";
  return (
    <section ref={form} aria-label={question ? "The agent asks" : "The agent asks for approval"}
      className={`rounded-xl border p-3 ${question ? "border-accent bg-accent-soft" : "border-warn bg-warn-soft"}`}>
      <div className="mb-2 flex items-center gap-2">
        <p role="status" className="min-w-0 flex-1 text-xs text-muted">Waiting for you · {dollars(job.cost_usd)} so far</p>
        <Stop job={job} />
      </div>
      {question ? <Questions job={job} awaiting={awaiting} />
        : awaiting.steps ? <PlanForm job={job} awaiting={awaiting} proposed={awaiting.steps} /> : <Deletions job={job} awaiting={awaiting} />}
    </section>
  );
}
