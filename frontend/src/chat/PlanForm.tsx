/** A proposed plan: its steps can be rewritten, moved and removed before it is carried out. */

import { ArrowDown, ArrowUp, X } from "lucide-react";
import { useState } from "react";
import type { Awaiting, Job, PlanStep } from "../api/jobs";
import { IconButton, INPUT } from "../ui/parts";
import { count, dollars } from "../ui/words";
import { Decision } from "./Approval";
import { isWhole, moved, rewritten, scaled, TASK_MAX, TITLE_MAX, trimmed, waits, withoutStep } from "./plan";
import { useResuming } from "./resuming";

export function PlanForm({ job, awaiting, proposed }: { job: Job; awaiting: Awaiting; proposed: readonly PlanStep[] }) {
  const [steps, setSteps] = useState<readonly PlanStep[]>(proposed);
  const { sent, send } = useResuming(job);
  const cost = scaled(awaiting.estimate_usd ?? 0, proposed.length, steps.length);
  const edited = JSON.stringify(steps) !== JSON.stringify(proposed);
  const move = (id: string, by: -1 | 1) => {
    setSteps(moved(steps, id, by));
    focusNext(place(id, by < 0 ? "up" : "down"), place(id, by < 0 ? "down" : "up"));
  };
  const remove = (id: string) => {
    const at = steps.findIndex((step) => step.id === id);
    const next = steps[at + 1] ?? steps[at - 1];
    setSteps(withoutStep(steps, id));
    if (next) focusNext(place(next.id, "remove"), place(next.id, "title"));
  };
  return (
    <>
      <p className="font-medium text-warn">The agent plans {count(proposed.length, "step")}. Change what you like before it begins.</p>
      <p className="mt-0.5 text-xs text-muted">May cost about {dollars(cost)}. Steps that do not wait for one another run at once.</p>
      <ol aria-label="Steps of the plan" className="my-2 max-h-[46vh] space-y-1.5 overflow-y-auto" tabIndex={0}>
        {steps.map((step, at) => (
          <li key={step.id} className="rounded-lg border border-border bg-panel p-1.5">
            <fieldset disabled={sent}>
              <div className="flex items-center gap-0.5">
                <span className="w-5 shrink-0 text-center text-xs text-muted" aria-hidden>{at + 1}</span>
                <input id={place(step.id, "title")} aria-label={`Title of step ${at + 1}`} value={step.title} maxLength={TITLE_MAX} {...(at === 0 ? { "data-first": "" } : {})}
                  onChange={(event) => setSteps(rewritten(steps, step.id, { title: event.target.value }))} className={`${INPUT} min-w-0 flex-1 !px-1.5 !py-1 font-medium`} />
                <IconButton id={place(step.id, "up")} label={`Move step ${at + 1} up`} disabled={at === 0} className="!size-6" onClick={() => move(step.id, -1)}><ArrowUp size={14} aria-hidden /></IconButton>
                <IconButton id={place(step.id, "down")} label={`Move step ${at + 1} down`} disabled={at === steps.length - 1} className="!size-6" onClick={() => move(step.id, 1)}><ArrowDown size={14} aria-hidden /></IconButton>
                <IconButton id={place(step.id, "remove")} label={`Remove step ${at + 1}`} disabled={steps.length === 1} className="!size-6" onClick={() => remove(step.id)}><X size={14} aria-hidden /></IconButton>
              </div>
              <textarea aria-label={`Task of step ${at + 1}`} value={step.task} maxLength={TASK_MAX} rows={2} onChange={(event) => setSteps(rewritten(steps, step.id, { task: event.target.value }))}
                className={`${INPUT} ml-5 mt-1 max-h-40 !w-[calc(100%-1.25rem)] resize-y !px-1.5 !py-1 !text-xs [field-sizing:content]`} />
              {waits(steps, step) && <p className="ml-5 text-xs text-muted">{waits(steps, step)}</p>}
            </fieldset>
          </li>
        ))}
      </ol>
      <Decision approve={steps.length < proposed.length ? `Approve ${steps.length} of ${proposed.length}` : "Approve"} allowed={isWhole(steps)} sent={sent}
        onApprove={() => send({ decision: "approve", ...(edited ? { steps: trimmed(steps) } : {}) })}
        onRefuse={(reason) => send({ decision: "reject", ...(reason ? { reason } : {}) })} />
    </>
  );
}

const place = (id: string, what: string) => `step ${what} ${id}`;

/** Keep the keyboard where it was in a list that has just changed: at the first of these that can have it. */
function focusNext(...places: string[]): void {
  requestAnimationFrame(() => {
    for (const one of places) {
      const button = document.getElementById(one);
      button?.focus();
      if (button && document.activeElement === button) return;
    }
  });
}
