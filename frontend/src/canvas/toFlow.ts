/** From a diagram to what React Flow draws. Pure. */

import type { Edge as FlowEdge, Node as FlowNode } from "@xyflow/react";
import type { Preview } from "../api/sessions";
import { ancestors, type Diagram, type Edge, type Node, type Point } from "../editor/diagram";
import type { Marks } from "../editor/marks";

export interface NodeShown extends Record<string, unknown> {
  node: Node;
  ghost: boolean;
  mark: "added" | "changed" | null;
  collapsed: boolean;
  children: number;
}
export interface EdgeShown extends Record<string, unknown> {
  edge: Edge;
  ghost: boolean;
  /** The server's route, when both ends stand where it was made for; else none. */
  route: readonly Point[];
}
export type BoxNode = FlowNode<NodeShown, "box" | "group">;
export type LineEdge = FlowEdge<EdgeShown, "line">;
export interface Flow { nodes: BoxNode[]; edges: LineEdge[] }

export interface Showing {
  preview: Preview | null;
  marks: Marks;
  collapsed: ReadonlySet<string>;
  selected: ReadonlySet<string>;
}

const COLLAPSED = { width: 220, height: 64 };
/** React Flow's name for what a click with Shift selects; elsewhere Shift begins a frame. A group holds much that is to
 *  be framed, so of it only the title is clicked. */
const CLICKED = "nokey";
/** Groups lie under all lines and their labels; each group in a group adds one to it, and they nest eight deep. */
const UNDER_LINES = -10;
const LEAST = { width: 120, height: 56 };

/** The diagram with what is being drawn added to it; `ghosts` are the ids that are not there yet. */
export function withPreview(diagram: Diagram, preview: Preview | null): { diagram: Diagram; ghosts: ReadonlySet<string> } {
  if (preview === null) return { diagram, ghosts: new Set() };
  const ghosts = new Set<string>();
  const nodes = new Map(diagram.nodes);
  const edges = new Map(diagram.edges);
  for (const node of preview.nodes as Node[]) {
    if (!nodes.has(node.id)) {
      ghosts.add(node.id);
      nodes.set(node.id, node);
    }
  }
  for (const edge of preview.edges as Edge[]) {
    if (!edges.has(edge.id) && nodes.has(edge.source) && nodes.has(edge.target)) {
      ghosts.add(edge.id);
      edges.set(edge.id, edge);
    }
  }
  return { diagram: { ...diagram, nodes, edges }, ghosts };
}

export function toFlow(shown: Diagram, showing: Showing): Flow {
  const { diagram, ghosts } = withPreview(shown, showing.preview);
  const children = childCounts(diagram);
  const visible = new Map<string, string>();
  for (const id of diagram.nodes.keys()) visible.set(id, standIn(diagram, id, showing.collapsed));
  const nodes = inParentOrder(diagram)
    .filter((node) => visible.get(node.id) === node.id)
    .map((node) => toBox(diagram, node, showing, ghosts, children.get(node.id) ?? 0));
  const seen = new Set<string>();
  const edges: LineEdge[] = [];
  for (const edge of diagram.edges.values()) {
    const source = visible.get(edge.source), target = visible.get(edge.target);
    if (source === undefined || target === undefined || source === target) continue;
    const through = source !== edge.source || target !== edge.target;
    const pair = `${source}\n${target}\n${edge.kind}`;
    if (through && seen.has(pair)) continue;
    seen.add(pair);
    edges.push(toLine(diagram, edge, source, target, through, ghosts.has(edge.id), showing.selected.has(edge.id)));
  }
  return { nodes, edges };
}

function childCounts(diagram: Diagram): Map<string, number> {
  const counts = new Map<string, number>();
  for (const node of diagram.nodes.values()) {
    if (node.parent !== null) counts.set(node.parent, (counts.get(node.parent) ?? 0) + 1);
  }
  return counts;
}

/** The node itself, or the outermost collapsed group around it. */
function standIn(diagram: Diagram, id: string, collapsed: ReadonlySet<string>): string {
  if (collapsed.size === 0) return id;
  return ancestors(diagram, id).filter((group) => collapsed.has(group)).at(-1) ?? id;
}

/** React Flow wants groups before their members. */
function inParentOrder(diagram: Diagram): Node[] {
  const depth = new Map<string, number>();
  for (const node of diagram.nodes.values()) depth.set(node.id, node.parent === null ? 0 : ancestors(diagram, node.id).length);
  return [...diagram.nodes.values()].sort((a, b) => (depth.get(a.id) ?? 0) - (depth.get(b.id) ?? 0));
}

export function sizeOf(node: Node, collapsed = false): { width: number; height: number } {
  if (collapsed) return COLLAPSED;
  return { width: Math.max(node.size.width, LEAST.width), height: Math.max(node.size.height, LEAST.height) };
}

function toBox(diagram: Diagram, node: Node, showing: Showing, ghosts: ReadonlySet<string>, children: number): BoxNode {
  const parent = node.parent === null ? undefined : diagram.nodes.get(node.parent);
  const isGroup = node.type === "group";
  const collapsed = isGroup && showing.collapsed.has(node.id);
  const ghost = ghosts.has(node.id);
  const size = sizeOf(node, collapsed);
  const marked = showing.marks.added.has(node.id) ? "added" : showing.marks.changed.has(node.id) ? "changed" : null;
  const box: BoxNode = {
    id: node.id,
    type: isGroup ? "group" : "box",
    position: { x: node.position.x - (parent?.position.x ?? 0), y: node.position.y - (parent?.position.y ?? 0) },
    width: size.width,
    height: size.height,
    zIndex: isGroup ? UNDER_LINES : 2,
    className: isGroup ? "" : CLICKED,
    selected: showing.selected.has(node.id),
    draggable: !ghost,
    selectable: !ghost,
    connectable: !ghost,
    ariaLabel: `${node.label}, ${node.technology ? `${node.technology}, ` : ""}${node.type}`,
    data: { node, ghost, mark: marked, collapsed, children },
  };
  if (parent) box.parentId = parent.id;
  return box;
}

function toLine(
  diagram: Diagram, edge: Edge, source: string, target: string, through: boolean, ghost: boolean, selected: boolean,
): LineEdge {
  const from = diagram.nodes.get(edge.source)!, to = diagram.nodes.get(edge.target)!;
  const route = !through && touches(from, edge.route[0]) && touches(to, edge.route.at(-1)) ? edge.route : [];
  return {
    id: edge.id,
    type: "line",
    source,
    target,
    selected,
    selectable: !ghost,
    className: CLICKED,
    zIndex: 1,
    ariaLabel: `${from.label} to ${to.label}${edge.label ? `: ${edge.label}` : ""}`,
    data: { edge, ghost, route },
  };
}

/** Whether a route's end lies on a box's border, give or take a few pixels. */
function touches(node: Node, end: Point | undefined): boolean {
  if (end === undefined) return false;
  const { width, height } = sizeOf(node);
  const dx = Math.max(node.position.x - end.x, end.x - (node.position.x + width), 0);
  const dy = Math.max(node.position.y - end.y, end.y - (node.position.y + height), 0);
  const inside = Math.min(end.x - node.position.x, node.position.x + width - end.x, end.y - node.position.y, node.position.y + height - end.y);
  return dx + dy < 12 && inside < 12;
}
