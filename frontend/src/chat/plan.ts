/** A proposed plan while a person edits it. Pure. */

import type { PlanStep } from "../api/jobs";

export const TITLE_MAX = 200;
export const TASK_MAX = 8_000;

/** The plan without a step: what waited for it waits for what it waited for. */
export function withoutStep(steps: readonly PlanStep[], id: string): PlanStep[] {
  const gone = steps.find((step) => step.id === id);
  return steps.filter((step) => step.id !== id).map((step) => relieved(step, id, gone?.after ?? []));
}

/** The plan with a step one place earlier or later. Of the two that change places, the one that now comes first no
 *  longer waits for the other, but for what that one waits for. */
export function moved(steps: readonly PlanStep[], id: string, by: -1 | 1): PlanStep[] {
  const from = steps.findIndex((step) => step.id === id);
  const first = Math.min(from, from + by);
  const [before, after] = [steps[first], steps[first + 1]];
  if (from < 0 || !before || !after) return [...steps];
  return [...steps.slice(0, first), relieved(after, before.id, before.after), before, ...steps.slice(first + 2)];
}

function relieved(step: PlanStep, id: string, instead: readonly string[]): PlanStep {
  if (!step.after.includes(id)) return step;
  const after = new Set([...step.after.filter((one) => one !== id), ...instead]);
  after.delete(step.id);
  return { ...step, after: [...after] };
}

export const rewritten = (steps: readonly PlanStep[], id: string, said: Partial<Pick<PlanStep, "title" | "task">>): PlanStep[] =>
  steps.map((step) => (step.id === id ? { ...step, ...said } : step));

/** The plan as it is sent, without blanks around its words. */
export const trimmed = (steps: readonly PlanStep[]): PlanStep[] =>
  steps.map((step) => ({ ...step, title: step.title.trim(), task: step.task.trim() }));

export const isWhole = (steps: readonly PlanStep[]): boolean =>
  steps.length > 0 && trimmed(steps).every((step) => step.title !== "" && step.task !== "");

/** "after 1 and 3": the places of the steps that a step waits for. */
export function waits(steps: readonly PlanStep[], step: PlanStep): string {
  const places = steps.flatMap((other, at) => (step.after.includes(other.id) ? [at + 1] : []));
  if (places.length === 0) return "";
  const last = places.pop()!;
  return `after ${places.length > 0 ? `${places.join(", ")} and ` : ""}${last}`;
}

/** What the plan may cost now; the estimate grows with the number of steps. */
export const scaled = (estimate: number, proposed: number, left: number): number => (proposed > 0 ? (estimate * left) / proposed : 0);
