/** The change log: who changed what, how it looked then, and the way back. */

import { useQuery } from "@tanstack/react-query";
import { MoreHorizontal } from "lucide-react";
import { type Change, readChanges } from "../api/sessions";
import { Dropdown, IconButton } from "../ui/parts";
import { age, count } from "../ui/words";
import { useLive, useOpen } from "./context";
import { useUi } from "./store";

const SHOWN = 300;
const VERBS: Record<string, string> = { add: "added", update: "changed", delete: "removed", set: "set" };
const GEOMETRY = new Set(["position", "size", "route", "pinned"]);

/** What a change did, in a few words. Pure. */
export function told(change: Change): string {
  const tally = new Map<string, number>();
  let moved = 0;
  for (const op of change.ops) {
    if ("set" in op && Object.keys(op.set).every((name) => GEOMETRY.has(name))) {
      if (op.op === "update_node" && "position" in op.set) moved += 1;
      continue;
    }
    tally.set(op.op, (tally.get(op.op) ?? 0) + 1);
  }
  const parts = [...tally].map(([op, n]) => {
    const [verb, what] = op.split("_") as [string, string];
    return what === "title" ? "renamed the diagram" : `${VERBS[verb]} ${count(n, what === "node" ? "node" : what === "edge" ? "line" : "section")}`;
  });
  if (parts.length === 0) return moved > 0 ? `moved ${count(moved, "node")}` : "nothing";
  return parts.join(", ");
}

export function History() {
  const { id, session } = useOpen();
  const version = useLive((live) => live.version);
  const { past, set } = useUi();
  const { data, isPending } = useQuery({ queryKey: ["history", id, version], queryFn: () => readChanges(id, Math.max(0, version - SHOWN)), placeholderData: (before) => before });
  const changes = [...(data ?? [])].reverse();
  return (
    <ol aria-label="Changes, the newest first" className="h-full overflow-y-auto p-2">
      {!isPending && changes.length === 0 && <li className="p-2 text-muted">Nothing has changed yet.</li>}
      {changes.map((change) => (
        <li key={change.version} className={`flex items-center gap-1 rounded-lg ${past === change.version ? "bg-accent-soft" : "hover:bg-shade"}`}>
          <button type="button" title={`Look at version ${change.version}`} onClick={() => set({ past: change.version === version ? null : change.version })} className="min-w-0 flex-1 px-2 py-1.5 text-left">
            <span className="block text-sm"><b className="font-semibold">{change.actor.kind === "job" ? "Agent" : "You"}</b> {told(change)}{change.reverts ? " (reverted)" : ""}</span>
            <span className="text-xs text-muted">{age(change.at)} · version {change.version}</span>
          </button>
          <Dropdown label={`Version ${change.version}`} trigger={<IconButton label={`More for version ${change.version}`}><MoreHorizontal size={15} aria-hidden /></IconButton>}
            choices={[
              { label: "Look at this version", onSelect: () => set({ past: change.version }) },
              { label: "Restore this version", onSelect: () => { set({ past: null }); void session.step("revert", { to_version: change.version }); } },
              { label: "Revert this change", onSelect: () => void session.step("revert", { change_id: change.change_id }) },
              ...(change.job_id ? [{ label: "Revert all of this job", onSelect: () => void session.step("revert", { job_id: change.job_id }) }] : []),
            ]} />
        </li>
      ))}
    </ol>
  );
}
