/** What the agent did and nobody has looked at yet. Pure. */

import type { Change } from "../api/sessions";
import { local } from "../storage";

export interface Marks {
  added: ReadonlySet<string>;
  changed: ReadonlySet<string>;
  removed: readonly string[];
  jobId: string | null;
}

export const NO_MARKS: Marks = { added: new Set(), changed: new Set(), removed: [], jobId: null };

const GEOMETRY = new Set(["position", "size", "route", "label_at"]);

/** The marks after more changes: those of jobs mark, and a newer job's marks replace an older one's. */
export function mark(marks: Marks, changes: readonly Change[], labelOf: (id: string) => string | undefined): Marks {
  return changes.reduce((before, change) => (change.actor.kind === "job" ? one(before, change, labelOf) : before), marks);
}

function one(marks: Marks, change: Change, labelOf: (id: string) => string | undefined): Marks {
  const fresh = change.job_id !== marks.jobId;
  const added = new Set(fresh ? [] : marks.added);
  const changed = new Set(fresh ? [] : marks.changed);
  const removed = fresh ? [] : [...marks.removed];
  for (const op of change.ops) {
    if (op.op === "add_node") added.add(op.node.id);
    if (op.op === "update_node" && !added.has(op.id) && Object.keys(op.set).some((name) => !GEOMETRY.has(name))) changed.add(op.id);
    if (op.op === "delete_node") {
      added.delete(op.id);
      changed.delete(op.id);
      removed.push(labelOf(op.id) ?? op.id);
    }
  }
  return { added, changed, removed, jobId: change.job_id ?? null };
}

export const isMarked = (marks: Marks): boolean =>
  marks.added.size + marks.changed.size + marks.removed.length > 0;

const place = (session: string) => `archwright:seen:${session}`;

/** The version up to which a person has seen what the agent did. */
export function seenVersion(session: string): number | null {
  const kept = Number(local.getItem(place(session)) ?? "NaN");
  return Number.isInteger(kept) ? kept : null;
}

export function setSeen(session: string, version: number): void {
  try {
    local.setItem(place(session), String(version));
  } catch {
    /* Without storage the marks come back after a reload. */
  }
}
