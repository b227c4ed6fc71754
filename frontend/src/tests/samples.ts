import type { Change } from "../api/sessions";
import { type Diagram, EMPTY, fold, type Node, type Op } from "../editor/diagram";

export function node(id: string, others: Partial<Node> = {}): Op {
  return { op: "add_node", node: { id, label: id.toUpperCase(), position: { x: 0, y: 0 }, size: { width: 160, height: 62 }, ...others } };
}
export const edge = (source: string, target: string, others = {}): Op => ({ op: "add_edge", edge: { id: `${source}--${target}`, source, target, ...others } });
export const diagram = (...ops: Op[]): Diagram => fold(EMPTY, ops);
export const ids = (shown: Diagram): string[] => [...shown.nodes.keys()];

export function change(version: number, ops: Op[], others: Partial<Change> = {}): Change {
  return { change_id: `c${version}`, version, actor: { kind: "user", id: "local" }, at: "2026-11-24T00:00:00Z", ops, ...others } as Change;
}
