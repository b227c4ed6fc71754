/** Which nodes and lines are selected: one set for both, whatever gesture or key made it. */

import type { EdgeChange, NodeChange } from "@xyflow/react";
import { useCallback, useEffect, useRef } from "react";
import { useUi } from "../editor/store";
import type { BoxNode, Flow, LineEdge } from "./toFlow";

type Changes = readonly (NodeChange<BoxNode> | EdgeChange<LineEdge>)[];

/** The selection after what a person did. Pure. */
export function chosen(selected: ReadonlySet<string>, changes: Changes): ReadonlySet<string> {
  const after = new Set(selected);
  for (const change of changes) {
    if (change.type !== "select") continue;
    if (change.selected) after.add(change.id);
    else after.delete(change.id);
  }
  return after;
}

/** Takes what was clicked into the selection; what is no longer drawn leaves it. */
export function useSelecting({ nodes, edges }: Flow): (changes: Changes) => void {
  const before = useRef<ReadonlySet<string>>(new Set());
  useEffect(() => {
    const drawn = new Set([...nodes, ...edges].map((element) => element.id));
    const { selected, select } = useUi.getState();
    const gone = (id: string) => before.current.has(id) && !drawn.has(id);
    if ([...selected].some(gone)) select([...selected].filter((id) => !gone(id)));
    before.current = drawn;
  }, [nodes, edges]);
  return useCallback((changes) => {
    const { selected, select } = useUi.getState();
    select(chosen(selected, changes));
  }, []);
}
