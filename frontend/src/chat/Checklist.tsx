/** A plan as a checklist that ticks itself. */

import { Ban, Check, Circle, LoaderCircle, X } from "lucide-react";
import { useEffect, useRef } from "react";
import type { StepStatus, Ticked } from "../api/jobs";

const LOOKS: Record<StepStatus, { icon: typeof Check; colour: string; said: string }> = {
  pending: { icon: Circle, colour: "text-muted", said: "to do" },
  running: { icon: LoaderCircle, colour: "text-accent animate-spin", said: "running" },
  done: { icon: Check, colour: "text-good", said: "done" },
  failed: { icon: X, colour: "text-bad", said: "failed" },
  skipped: { icon: Ban, colour: "text-muted", said: "skipped" },
};

/** How far a plan is, in words. Pure. */
export function tally(steps: readonly Ticked[]): string {
  const of = (status: StepStatus) => steps.filter((step) => step.status === status).length;
  const rest = (["failed", "skipped"] as const).filter((status) => of(status) > 0).map((status) => `, ${of(status)} ${status}`);
  return `${of("done")} of ${steps.length} steps done${rest.join("")}`;
}

/** A step as it is shown; of a job that is over nothing runs any more. Pure. */
export const standing = (step: Ticked, over: boolean): StepStatus => (over && step.status === "running" ? "pending" : step.status);

export function Checklist({ steps, over = false }: { steps: readonly Ticked[]; over?: boolean }) {
  const list = useRef<HTMLOListElement>(null);
  const running = steps.findIndex((step) => step.status === "running");
  useEffect(() => {
    if (!over && list.current) list.current.scrollTop = Math.max(0, (list.current.children[running] as HTMLElement | undefined)?.offsetTop ?? 0) - 60;
  }, [running, over]);
  return (
    <ol ref={list} aria-label="The plan" tabIndex={0} className="relative mt-2 max-h-56 space-y-1 overflow-y-auto text-sm">
      {steps.map((step) => <Step key={step.id} title={step.title} status={standing(step, over)} />)}
    </ol>
  );
}

function Step({ title, status }: { title: string; status: StepStatus }) {
  const { icon: Icon, colour, said } = LOOKS[status];
  const quiet = status === "pending" || status === "skipped" ? "text-muted" : "text-text";
  return (
    <li data-status={status} className={`flex items-start gap-2 ${quiet}`}>
      <Icon size={15} className={`mt-[3px] shrink-0 ${colour}`} aria-hidden />
      <span className={`min-w-0 [overflow-wrap:anywhere] ${status === "skipped" ? "line-through" : ""}`}>{title}<span className="sr-only">: {said}</span></span>
      {status === "failed" && <span aria-hidden className="shrink-0 text-xs leading-5 text-bad">failed</span>}
    </li>
  );
}
