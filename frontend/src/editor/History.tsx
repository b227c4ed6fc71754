/** The change log: who changed what, how it looked then, and the way back. */

import { useQuery } from "@tanstack/react-query";
import { ChevronDown, ChevronRight, MoreHorizontal } from "lucide-react";
import { useMemo, useState } from "react";
import { type Change, readChanges } from "../api/sessions";
import { type Choice, Dropdown, IconButton } from "../ui/parts";
import { age } from "../ui/words";
import { useLive, useOpen } from "./context";
import { entries, type Entry, told, versions } from "./entries";
import { useUi } from "./store";

const SHOWN = 300;

export function History() {
  const { id } = useOpen();
  const version = useLive((live) => live.version);
  const { data, isPending, isError } = useQuery({
    queryKey: ["history", id, version], queryFn: () => readChanges(id, Math.max(0, version - SHOWN)), placeholderData: (before) => before,
    meta: { unread: "The history could not be read" },
  });
  const found = useMemo(() => entries(data ?? []), [data]);
  return (
    <ol aria-label="Changes, the newest first" className="h-full overflow-y-auto p-2">
      {isError && <li role="alert" className="p-2 text-bad">The history could not be read.</li>}
      {!isPending && !isError && found.length === 0 && <li className="p-2 text-muted">Nothing has changed yet.</li>}
      {found.map((entry) => <Told key={entry.key} entry={entry} />)}
    </ol>
  );
}

function Told({ entry }: { entry: Entry }) {
  const { session } = useOpen();
  const [open, setOpen] = useState(false);
  const [newest, ...older] = entry.changes;
  const job = newest.job_id;
  const Chevron = open ? ChevronDown : ChevronRight;
  const more: Choice[] = job ? [{ label: "Revert all of this job", onSelect: () => void session.step("revert", { job_id: job }) }] : [];
  if (older.length === 0) return <li><Row entry={entry} choices={[reverting(newest, session), ...more]} /></li>;
  return (
    <li>
      <Row entry={entry} choices={more}>
        <IconButton label={open ? "Hide the changes" : `Show ${entry.changes.length} changes`} aria-expanded={open} onClick={() => setOpen(!open)}><Chevron size={15} aria-hidden /></IconButton>
      </Row>
      {open && (
        <ol className="ml-3 border-l border-border pl-1">
          {entry.changes.map((change) => <li key={change.version}><Row entry={{ key: change.change_id, changes: [change] }} choices={[reverting(change, session)]} /></li>)}
        </ol>
      )}
    </li>
  );
}

const reverting = (change: Change, session: ReturnType<typeof useOpen>["session"]): Choice =>
  ({ label: "Revert this change", onSelect: () => void session.step("revert", { change_id: change.change_id }) });

/** An entry: a click shows the diagram as it was after it. */
function Row({ entry, choices, children }: { entry: Entry; choices: Choice[]; children?: React.ReactNode }) {
  const { session } = useOpen();
  const now = useLive((live) => live.version);
  const diagram = useLive((live) => live.diagram);
  const { past, set } = useUi();
  const [newest] = entry.changes;
  const { version } = newest;
  const look = () => set({ past: version === now ? null : version });
  return (
    <div className={`flex items-center gap-1 rounded-lg ${past === version ? "bg-accent-soft" : "hover:bg-shade"}`}>
      <button type="button" title={`Look at version ${version}`} onClick={look} className="min-w-0 flex-1 px-2 py-1.5 text-left">
        <span className="block text-sm [overflow-wrap:anywhere]"><b className="font-semibold">{newest.actor.kind === "job" ? "Agent" : "You"}</b> {told(entry.changes, diagram)}{newest.reverts ? " (reverted)" : ""}</span>
        <span className="text-xs text-muted">{age(newest.at)} · {versions(entry)}</span>
      </button>
      {children}
      <Dropdown label={`Version ${version}`} trigger={<IconButton label={`More for version ${version}`}><MoreHorizontal size={15} aria-hidden /></IconButton>}
        choices={[
          { label: "Look at this version", onSelect: look },
          { label: "Restore this version", onSelect: () => { set({ past: null }); void session.step("revert", { to_version: version }); } },
          ...choices,
        ]} />
    </div>
  );
}
