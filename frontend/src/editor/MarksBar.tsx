/** What the agent did, until a person has kept or reverted it. */

import { useRef } from "react";
import { isActive } from "../api/jobs";
import { Button } from "../ui/parts";
import { count } from "../ui/words";
import { useActions } from "./actions";
import { useLive, useOpen } from "./context";
import { isMarked } from "./marks";
import { useUi } from "./store";

export function MarksBar() {
  const { session } = useOpen();
  const { find } = useActions();
  const { marks, job, diagram } = useLive();
  const past = useUi((ui) => ui.past);
  const at = useRef(0);
  if (!isMarked(marks) || isActive(job) || past !== null) return null;
  const touched = [...marks.added, ...marks.changed].filter((id) => diagram.nodes.has(id));
  const words = [
    marks.added.size > 0 && count(marks.added.size, "node", "nodes") + " added",
    marks.changed.size > 0 && `${marks.changed.size} changed`,
    marks.removed.length > 0 && `${marks.removed.length} removed`,
  ].filter(Boolean).join(", ");
  const jump = () => find(touched[at.current++ % touched.length]!);
  const revert = () => {
    session.keepMarks();
    void session.step("revert", { job_id: marks.jobId });
  };
  return (
    <div role="region" aria-label="What the agent did" className="absolute bottom-4 left-1/2 z-10 flex max-w-[94%] -translate-x-1/2 flex-wrap items-center gap-2 rounded-xl border border-border bg-panel px-3 py-2 text-sm shadow-lg">
      <span title={marks.removed.length ? `Removed: ${marks.removed.join(", ")}` : undefined}>The agent: {words}</span>
      <Button look="solid" onClick={() => session.keepMarks()}>Keep</Button>
      <Button onClick={revert}>Revert</Button>
      {touched.length > 0 && <Button look="plain" onClick={jump}>Jump to</Button>}
    </div>
  );
}
