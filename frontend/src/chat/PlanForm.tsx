/** A proposed plan: its steps can be rewritten, moved and removed before it is carried out. */

import { ArrowDown, ArrowUp, X } from "lucide-react";
import { useState } from "react";
import type { Awaiting, Job, PlanStep } from "../api/jobs";
import { IconButton, INPUT } from "../ui/parts";
import { count as counted, dollars } from "../ui/words";
import { Decision } from "./Decision";
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
      <p className="font-semibold text-warn">The agent plans {counted(proposed.length, "step")}. Change what you like before it begins.</p>
      <p className="mt-0.5 text-xs text-muted">May cost about {dollars(cost)}. Steps that do not wait for one another run at once.</p>
      <ol aria-label="Steps of the plan" className="my-2 max-h-[40vh] space-y-1.5 overflow-y-auto" tabIndex={0}>
        {steps.map((step, at) => (
          <Step key={step.id} step={step} at={at} count={steps.length} waits={waits(steps, step)} disabled={sent}
            onWrite={(words) => setSteps(rewritten(steps, step.id, words))} onMove={(by) => move(step.id, by)} onRemove={() => remove(step.id)} />
        ))}
      </ol>
      <Decision approve={steps.length < proposed.length ? `Approve ${steps.length} of ${proposed.length}` : "Approve"} allowed={isWhole(steps)} sent={sent}
        onApprove={() => send({ decision: "approve", ...(edited ? { steps: trimmed(steps) } : {}) })}
        onRefuse={(reason) => send({ decision: "reject", ...(reason ? { reason } : {}) })} />
    </>
  );
}

interface StepProps {
  step: PlanStep; at: number; count: number; waits: string; disabled: boolean;
  onWrite(words: Partial<Pick<PlanStep, "title" | "task">>): void; onMove(by: -1 | 1): void; onRemove(): void;
}

function Step({ step, at, count, waits, disabled, onWrite, onMove, onRemove }: StepProps) {
  const name = `step ${at + 1}`;
  return (
    <li className="rounded-lg border border-border bg-panel p-1.5">
      <fieldset disabled={disabled}>
        <input id={place(step.id, "title")} aria-label={`Title of ${name}`} value={step.title} maxLength={TITLE_MAX} {...(at === 0 ? { "data-first": "" } : {})}
          onChange={(event) => onWrite({ title: event.target.value })} className={`${INPUT} !px-1.5 !py-1 font-semibold`} />
        <textarea aria-label={`Task of ${name}`} value={step.task} maxLength={TASK_MAX} rows={2} onChange={(event) => onWrite({ task: event.target.value })}
          className={`${INPUT} mt-1 block max-h-40 resize-y !px-1.5 !py-1 !text-xs [field-sizing:content]`} />
        <div className="mt-0.5 flex items-center gap-0.5">
          <span className="min-w-0 flex-1 pl-1.5 text-xs text-muted">Step {at + 1}{waits && `, ${waits}`}</span>
          <IconButton id={place(step.id, "up")} label={`Move ${name} up`} disabled={at === 0} className="!size-6" onClick={() => onMove(-1)}><ArrowUp size={14} aria-hidden /></IconButton>
          <IconButton id={place(step.id, "down")} label={`Move ${name} down`} disabled={at === count - 1} className="!size-6" onClick={() => onMove(1)}><ArrowDown size={14} aria-hidden /></IconButton>
          <IconButton id={place(step.id, "remove")} label={`Remove ${name}`} disabled={count === 1} className="!size-6" onClick={onRemove}><X size={14} aria-hidden /></IconButton>
        </div>
      </fieldset>
    </li>
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
