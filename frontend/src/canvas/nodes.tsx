/** How a node and a group look on the canvas. */

import { Handle, type NodeProps, NodeResizer, Position } from "@xyflow/react";
import { ChevronDown, ChevronRight } from "lucide-react";
import { type CSSProperties, memo } from "react";
import { useUi } from "../editor/store";
import { KindIcon, useColour } from "../ui/kinds";
import { BrandIcon } from "../ui/brands";
import { Rename } from "./Rename";
import type { BoxNode } from "./toFlow";

function Handles() {
  return (
    <>
      <Handle type="target" position={Position.Left} />
      <Handle type="source" position={Position.Right} />
    </>
  );
}

function marked(data: BoxNode["data"]): string {
  return `${data.ghost ? "ghost" : ""} ${data.mark === null ? "" : `mark-${data.mark}`}`;
}

/** What lists elsewhere say of a node: it is pointed at, or would be deleted. */
const useLit = (id: string): string => useUi((ui) => `${ui.doomed.has(id) ? "doomed" : ""} ${ui.pointed === id ? "pointed" : ""}`);

export const Box = memo(function Box({ id, data }: NodeProps<BoxNode>) {
  const colour = useColour(data.node.type);
  const renaming = useUi((ui) => ui.renaming === id);
  const lit = useLit(id);
  const { label, technology, type } = data.node;
  return (
    <div className={`box flex size-full items-center gap-[9px] pl-[7.5px] pr-1 ${marked(data)} ${lit}`} style={{ "--kind": colour } as CSSProperties}>
      <Handles />
      <span className="flex size-7 shrink-0 items-center justify-center rounded-[7px]" style={{ background: `color-mix(in srgb, ${colour} 14%, transparent)` }}>
        <BrandIcon technology={technology} fallback={<KindIcon type={type} />} />
      </span>
      <span className="min-w-0">
        {renaming ? <Rename id={id} label={label} name="Name" /> : <span className="block text-sm font-semibold leading-[18px] [overflow-wrap:anywhere]">{label}</span>}
        {technology && <span className="block text-[11.5px] leading-[15px] text-muted [overflow-wrap:anywhere]">{technology}</span>}
      </span>
    </div>
  );
});

export const Group = memo(function Group({ id, data, selected }: NodeProps<BoxNode>) {
  const renaming = useUi((ui) => ui.renaming === id);
  const lit = useLit(id);
  const toggle = useUi((ui) => ui.toggleCollapsed);
  const Chevron = data.collapsed ? ChevronRight : ChevronDown;
  return (
    <div className={`box size-full !border-dashed !border-border ${data.collapsed ? "" : "!bg-(--group)"} ${marked(data)} ${lit}`}>
      <Handles />
      {selected && !data.collapsed && <NodeResizer minWidth={140} minHeight={90} lineClassName="!border-accent" handleClassName="!bg-accent" />}
      <div className="nokey flex items-center gap-1 px-2 py-1.5 text-[13px] font-semibold text-muted">
        <button type="button" className="nodrag rounded hover:bg-shade" aria-label={`${data.collapsed ? "Expand" : "Collapse"} ${data.node.label}`}
          aria-expanded={!data.collapsed} onClick={() => toggle(id)}>
          <Chevron size={15} aria-hidden />
        </button>
        {renaming ? <Rename id={id} label={data.node.label} name="Name" /> : <span className="truncate">{data.node.label}</span>}
        {data.node.technology && <span className="truncate font-normal">{data.node.technology}</span>}
        {data.collapsed && <span className="font-normal">· {data.children}</span>}
      </div>
    </div>
  );
});
