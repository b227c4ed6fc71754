/** What the agent may not do before a person has said yes: deletions that they can thin out, a plan that they can edit. */

import { type ReactNode, useState } from "react";
import type { Awaiting, Job } from "../api/jobs";
import { Button, INPUT } from "../ui/parts";
import { Deletions } from "./Deletions";
import { PlanForm } from "./PlanForm";
import { useArrival } from "./resuming";

export function Approval({ job, awaiting }: { job: Job; awaiting: Awaiting }) {
  const form = useArrival();
  return (
    <section ref={form} aria-label="The agent asks for approval" className="rounded-xl border border-warn bg-warn-soft p-3">
      {awaiting.steps ? <PlanForm job={job} awaiting={awaiting} proposed={awaiting.steps} /> : <Deletions job={job} awaiting={awaiting} />}
    </section>
  );
}

interface DecisionProps { approve: ReactNode; allowed: boolean; sent: boolean; onApprove(reason: string): void; onRefuse(reason: string): void }

/** The end of each such form. Enter in the reason decides nothing. */
export function Decision({ approve, allowed, sent, onApprove, onRefuse }: DecisionProps) {
  const [reason, setReason] = useState("");
  return (
    <fieldset disabled={sent}>
      <input aria-label="Reason (optional)" placeholder="Why not, or what instead (optional)" value={reason} maxLength={2_000}
        onChange={(event) => setReason(event.target.value)} className={`${INPUT} mb-2`} />
      <div className="flex flex-wrap gap-2">
        <Button look="solid" disabled={!allowed} onClick={() => onApprove(reason.trim())}>{approve}</Button>
        <Button className="border border-border !bg-panel" onClick={() => onRefuse(reason.trim())}>Refuse</Button>
      </div>
    </fieldset>
  );
}
