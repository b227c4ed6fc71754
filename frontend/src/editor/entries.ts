/** The change log as it is read: one entry for each edit and for each job, with the names of what was done. Pure. */

import type { Change } from "../api/sessions";
import { count } from "../ui/words";
import type { Diagram, Op } from "./diagram";

/** A change of a person, or all changes of a job; the newest first. */
export interface Entry { key: string; changes: readonly [Change, ...Change[]] }

/** The entries of a log, the newest first; a job stands where its newest change does. */
export function entries(changes: readonly Change[]): Entry[] {
  const found = new Map<string, [Change, ...Change[]]>();
  for (const change of [...changes].reverse()) {
    const key = change.job_id ?? change.change_id;
    const known = found.get(key);
    if (known) known.push(change);
    else found.set(key, [change]);
  }
  return [...found].map(([key, all]) => ({ key, changes: all }));
}

const GEOMETRY = new Set(["position", "size", "route", "pinned", "label_at"]);
const NAMED = 3;

type What = "node" | "line" | "section";
type Verb = "wrote" | "rewrote" | "added" | "changed" | "removed" | "moved";
interface Done { what: What; verb: Verb; name: string }
/** An op as the log has it. */
type Recorded = Op & { before?: { label?: string; title?: string; source?: string; target?: string } | null };

/** What changes did together, in a few words: "wrote 2 sections: Summary and Risks; added 1 line". */
export function told(changes: readonly Change[], diagram: Diagram): string {
  const found = new Map<string, Done>();
  const names = new Map<string, string>();
  let title = "";
  for (const change of [...changes].sort((a, b) => a.version - b.version)) {
    for (const op of change.ops as Recorded[]) {
      if (op.op === "set_title") title = `renamed the diagram to “${op.title}”`;
      else note(found, doneBy(op, diagram, names));
    }
  }
  const parts = [...grouped([...found.values()]).values()].map((same) => phrase(same, found.size));
  return [...parts, title].filter(Boolean).join("; ") || "nothing";
}

/** Take in what an op did to an element, on top of what was done to it before. */
function note(found: Map<string, Done>, done: (Done & { id: string }) | null): void {
  if (done === null) return;
  const key = `${done.what} ${done.id}`;
  const before = found.get(key);
  const fresh = before?.verb === "added" || before?.verb === "wrote";
  if (done.verb === "removed" && fresh) found.delete(key);
  else if (before?.verb === "removed" && done.verb !== "removed") found.set(key, { ...done, verb: done.what === "section" ? "rewrote" : "changed" });
  else if (done.verb === "moved" && before) return;
  else found.set(key, { ...done, verb: fresh ? before.verb : done.verb });
}

function doneBy(op: Recorded, diagram: Diagram, names: Map<string, string>): (Done & { id: string }) | null {
  const name = (id: string) => names.get(id) ?? diagram.nodes.get(id)?.label ?? id;
  const line = (id: string, edge: { source?: string; target?: string } | null | undefined) => {
    const { source, target } = edge?.source ? edge : (diagram.edges.get(id) ?? {});
    return source && target ? `${name(source)} → ${name(target)}` : id;
  };
  switch (op.op) {
    case "add_node": {
      names.set(op.node.id, op.node.label);
      return { id: op.node.id, what: "node", verb: "added", name: op.node.label };
    }
    case "delete_node": {
      names.set(op.id, op.before?.label ?? name(op.id));
      return { id: op.id, what: "node", verb: "removed", name: name(op.id) };
    }
    case "update_node": {
      if (op.set.label) names.set(op.id, op.set.label);
      const verb = verbOf(op.set);
      return verb && { id: op.id, what: "node", verb, name: name(op.id) };
    }
    case "add_edge": return { id: op.edge.id, what: "line", verb: "added", name: line(op.edge.id, op.edge) };
    case "delete_edge": return { id: op.id, what: "line", verb: "removed", name: line(op.id, op.before) };
    case "update_edge": return verbOf(op.set) === "changed" ? { id: op.id, what: "line", verb: "changed", name: line(op.id, null) } : null;
    case "set_section": return { id: op.slug, what: "section", verb: op.before ? "rewrote" : "wrote", name: op.title };
    case "delete_section": return { id: op.slug, what: "section", verb: "removed", name: op.before?.title ?? op.slug };
    case "set_title": return null;
  }
}

/** Whether properties that were set say something, or only where an element stands; null when nobody sees it. */
function verbOf(set: object): "changed" | "moved" | null {
  if (Object.keys(set).some((name) => !GEOMETRY.has(name))) return "changed";
  return "position" in set ? "moved" : null;
}

function grouped(done: readonly Done[]): Map<string, Done[]> {
  const groups = new Map<string, Done[]>();
  const moved = done.every((one) => one.verb === "moved");
  for (const one of done) {
    if (one.verb === "moved" && !moved) continue;
    const key = `${one.verb} ${one.what}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return groups;
}

/** Lines are named when nothing else is to be told. */
function phrase(same: readonly Done[], all: number): string {
  const { verb, what } = same[0]!;
  const said = `${verb} ${count(same.length, what)}`;
  return what === "line" && same.length < all ? said : `${said}: ${listed(same.map((one) => one.name))}`;
}

/** "A", "A and B", "A, B, C and 4 more". */
export function listed(names: readonly string[]): string {
  const rest = names.length - NAMED;
  const shown = rest > 0 ? [...names.slice(0, NAMED), `${rest} more`] : [...names];
  const last = shown.pop() ?? "";
  return shown.length > 0 ? `${shown.join(", ")} and ${last}` : last;
}

/** "version 7", or "versions 3 to 9". */
export function versions({ changes }: Entry): string {
  const last = changes[0].version, first = changes.at(-1)!.version;
  return first === last ? `version ${last}` : `versions ${first} to ${last}`;
}
