/** Proposed deletions: each can be struck out. What would go is marked on the canvas. */

import { Crosshair } from "lucide-react";
import { useEffect, useState } from "react";
import type { Awaiting, Job } from "../api/jobs";
import { useActions } from "../editor/actions";
import { useLive } from "../editor/context";
import { useUi } from "../editor/store";
import { KindIcon } from "../ui/kinds";
import { IconButton } from "../ui/parts";
import { count } from "../ui/words";
import { Decision } from "./Decision";
import { said } from "./Calls";
import { useResuming } from "./resuming";

export function Deletions({ job, awaiting }: { job: Job; awaiting: Awaiting }) {
  const ops = awaiting.ops ?? [];
  const ids = ops.map((op) => String(op["id"] ?? ""));
  const [spared, setSpared] = useState<ReadonlySet<string>>(new Set());
  const { sent, send } = useResuming(job);
  const left = ops.filter((op) => !spared.has(String(op["id"])));
  useEffect(() => {
    useUi.getState().set({ doomed: new Set(ids.filter((id) => !spared.has(id))) });
  }, [spared, ids.join("\n")]);
  useEffect(() => () => useUi.getState().set({ doomed: new Set(), pointed: null }), []);
  const tick = (id: string, on: boolean) => setSpared((before) => {
    const after = new Set(before);
    if (on) after.delete(id);
    else after.add(id);
    return after;
  });
  const approve = (reason: string) =>
    send({ decision: "approve", ...(left.length < ops.length ? { ops: left } : {}), ...(reason ? { reason } : {}) });
  return (
    <>
      <p className="font-semibold text-warn">The agent wants to delete {count(ops.length, "node")}. Untick what is to stay.</p>
      <ul aria-label="Nodes to delete" className="my-2 max-h-60 space-y-0.5 overflow-y-auto" tabIndex={0}>
        {ops.map((op, at) => (
          <One key={ids[at]} id={ids[at]!} fallback={said(String(op["op"]), op)} ticked={!spared.has(ids[at]!)} first={at === 0} disabled={sent} onTick={(on) => tick(ids[at]!, on)} />
        ))}
      </ul>
      <Decision approve={left.length < ops.length ? `Approve ${left.length} of ${ops.length}` : ops.length > 1 ? `Approve all ${ops.length}` : "Approve"}
        allowed={left.length > 0} sent={sent} onApprove={approve} onRefuse={(reason) => send({ decision: "reject", ...(reason ? { reason } : {}) })} />
    </>
  );
}

interface OneProps { id: string; fallback: string; ticked: boolean; first: boolean; disabled: boolean; onTick(on: boolean): void }

function One({ id, fallback, ticked, first, disabled, onTick }: OneProps) {
  const node = useLive((live) => live.diagram.nodes.get(id));
  const { find } = useActions();
  const point = (pointed: string | null) => useUi.getState().set({ pointed });
  return (
    <li className="flex items-center rounded-md hover:bg-panel" onMouseEnter={() => point(id)} onMouseLeave={() => point(null)} onFocus={() => point(id)} onBlur={() => point(null)}>
      <label className="flex min-w-0 flex-1 cursor-pointer items-center gap-2 px-1 py-1 text-text">
        <input type="checkbox" className="shrink-0 accent-(--accent)" checked={ticked} disabled={disabled} onChange={(event) => onTick(event.target.checked)} {...(first ? { "data-first": "" } : {})} />
        {node && <KindIcon type={node.type} size={15} />}
        <span className={`min-w-0 [overflow-wrap:anywhere] ${ticked ? "" : "text-muted"}`}>{node?.label ?? fallback}</span>
        <span className="min-w-0 shrink-[9] truncate text-xs text-muted">{ticked ? node?.technology : "stays"}</span>
      </label>
      {node && <IconButton label={`Show ${node.label} on the canvas`} className="!size-6" onClick={() => find(id)}><Crosshair size={13} aria-hidden /></IconButton>}
    </li>
  );
}
