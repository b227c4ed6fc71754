/** How a line between two nodes looks. */

import { BaseEdge, EdgeLabelRenderer, type EdgeProps, getSmoothStepPath } from "@xyflow/react";
import { memo } from "react";
import { useUi } from "../editor/store";
import type { EdgeKind } from "../editor/diagram";
import { Rename } from "./Rename";
import { labelLines, labelPlace, roundedPath } from "./path";
import type { LineEdge } from "./toFlow";

const DASHES: Record<EdgeKind, string | undefined> = { request: undefined, async: "7 4", data: undefined, replication: "2.2 4", depends: "1.5 4" };
const HEAVY = new Set<EdgeKind>(["data", "replication"]);

export const Line = memo(function Line({ id, source, target, sourceX, sourceY, targetX, targetY, sourcePosition, targetPosition, selected, data }: EdgeProps<LineEdge>) {
  const moving = useUi((ui) => ui.moving.has(source) || ui.moving.has(target));
  const renaming = useUi((ui) => ui.renaming === id);
  if (!data) return null;
  const { edge, ghost, route } = data;
  const own = route.length > 1 && !moving;
  const [stepped, stepX, stepY] = own ? ["", 0, 0] : getSmoothStepPath({ sourceX, sourceY, targetX, targetY, sourcePosition, targetPosition, borderRadius: 8 });
  const path = own ? roundedPath(route) : stepped;
  const place = own ? edge.label_at ?? labelPlace(route) : { x: stepX, y: stepY };
  const lines = labelLines(edge.label);
  const colour = selected ? "var(--accent)" : "var(--line)";
  return (
    <g opacity={ghost ? 0.5 : 1}>
      <BaseEdge id={id} path={path} interactionWidth={18} markerEnd={`url(#head${selected ? "-selected" : ""})`}
        style={{ stroke: colour, strokeWidth: HEAVY.has(edge.kind) ? 2.2 : 1.5, strokeDasharray: DASHES[edge.kind] }} />
      {renaming && (
        <EdgeLabelRenderer>
          <div className="pointer-events-auto absolute z-10 w-44" style={{ transform: `translate(-50%, -50%) translate(${place.x}px, ${place.y}px)` }}>
            <Rename id={id} label={edge.label} name="Label" />
          </div>
        </EdgeLabelRenderer>
      )}
      {lines.length > 0 && !renaming && (
        <text textAnchor="middle" fontSize={11} fill="var(--edge-text)" stroke="var(--canvas)" strokeWidth={5}
          strokeLinejoin="round" paintOrder="stroke" pointerEvents="none">
          {lines.map((line, at) => <tspan key={at} x={place.x} y={place.y + (at - (lines.length - 1) / 2) * 14} dy="0.33em">{line}</tspan>)}
        </text>
      )}
    </g>
  );
});

/** The arrow heads that the lines refer to. */
export function Heads() {
  return (
    <svg className="absolute size-0" aria-hidden>
      <defs>
        {["", "-selected"].map((suffix) => (
          <marker key={suffix} id={`head${suffix}`} viewBox="0 0 10 10" refX={9} refY={5} markerWidth={8} markerHeight={8} markerUnits="userSpaceOnUse" orient="auto-start-reverse">
            <path d="M0 1 9 5 0 9z" fill={suffix ? "var(--accent)" : "var(--line)"} />
          </marker>
        ))}
      </defs>
    </svg>
  );
}
