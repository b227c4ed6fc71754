/** From what a person does on the canvas to ops. Pure. */

import { ancestors, type Diagram, type Edge, type EdgeKind, type Node, type NodeType, type Op, type Point } from "../editor/diagram";
import type { Clipboard } from "../editor/store";
import { sizeOf } from "./toFlow";

const rounded = (point: Point): Point => ({ x: Math.round(point.x), y: Math.round(point.y) });

/** An id that is free, made from a label as the server makes it. */
export function freeId(diagram: Diagram, label: string, taken: ReadonlySet<string> = new Set()): string {
  const stem = label.normalize("NFKD").toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 48) || "node";
  for (let at = 1; ; at += 1) {
    const id = at === 1 ? stem : `${stem}-${at}`;
    if (!diagram.nodes.has(id) && !diagram.edges.has(id) && !taken.has(id)) return id;
  }
}

/** A new node with its corner at a place, in the group under the pointer. */
export function addNode(diagram: Diagram, type: NodeType, label: string, technology: string, at: Point, pointer: Point = at): Op[] {
  const parent = groupAt(diagram, pointer, null)?.id ?? null;
  return [{ op: "add_node", node: { id: freeId(diagram, label), type, label, technology, parent, position: rounded(at) } }];
}

export function connect(diagram: Diagram, source: string, target: string, kind: EdgeKind = "request"): Op[] {
  const same = [...diagram.edges.values()].some((edge) => edge.source === source && edge.target === target && edge.kind === kind);
  if (source === target || same) return [];
  return [{ op: "add_edge", edge: { id: freeId(diagram, `${source}--${target}`), source, target, kind } }];
}

/** The innermost group under a point that is not `moved` or inside it. */
export function groupAt(diagram: Diagram, at: Point, moved: string | null): Node | null {
  let best: Node | null = null;
  for (const node of diagram.nodes.values()) {
    if (node.type !== "group" || node.id === moved) continue;
    if (moved !== null && ancestors(diagram, node.id).includes(moved)) continue;
    const { width, height } = sizeOf(node);
    const inside = at.x >= node.position.x && at.x <= node.position.x + width && at.y >= node.position.y && at.y <= node.position.y + height;
    if (inside && (best === null || ancestors(diagram, node.id).length > ancestors(diagram, best.id).length)) best = node;
  }
  return best;
}

/** Nodes dropped at new places, absolute; a node dropped into a group, or out of its own, moves there. */
export function drop(diagram: Diagram, places: ReadonlyMap<string, Point>): Op[] {
  const ops: Op[] = [];
  for (const [id, place] of places) {
    const node = diagram.nodes.get(id);
    if (!node || ancestors(diagram, id).some((group) => places.has(group))) continue;
    const at = rounded(place);
    if (at.x === node.position.x && at.y === node.position.y) continue;
    const { width, height } = sizeOf(node);
    const parent = groupAt(diagram, { x: at.x + width / 2, y: at.y + height / 2 }, id)?.id ?? null;
    ops.push({ op: "update_node", id, set: parent === node.parent ? { position: at } : { position: at, parent } });
  }
  return ops;
}

/** Delete nodes and edges; edges of deleted nodes go with them by themselves. */
export function remove(diagram: Diagram, ids: Iterable<string>): Op[] {
  const wanted = new Set(ids);
  const nodes = [...wanted].filter((id) => diagram.nodes.has(id));
  const edges = [...diagram.edges.values()].filter(
    (edge) => wanted.has(edge.id) && !wanted.has(edge.source) && !wanted.has(edge.target),
  );
  return [...edges.map((edge): Op => ({ op: "delete_edge", id: edge.id })), ...nodes.map((id): Op => ({ op: "delete_node", id }))];
}

export function copy(diagram: Diagram, ids: ReadonlySet<string>): Clipboard {
  const nodes = [...diagram.nodes.values()].filter((n) => ids.has(n.id) || ancestors(diagram, n.id).some((group) => ids.has(group)));
  const kept = new Set(nodes.map((node) => node.id));
  const edges = [...diagram.edges.values()].filter((edge) => kept.has(edge.source) && kept.has(edge.target));
  return { nodes, edges };
}

/** Paste what was copied, a little aside, under new ids. */
export function paste(diagram: Diagram, copied: Clipboard, by = 40): { ops: Op[]; ids: string[] } {
  const ids = new Map<string, string>();
  const taken = new Set<string>();
  for (const node of copied.nodes) {
    const id = freeId(diagram, node.label, taken);
    ids.set(node.id, id);
    taken.add(id);
  }
  const ops: Op[] = copied.nodes.map((node) => ({ op: "add_node", node: pasted(diagram, node, ids, by) }));
  for (const edge of copied.edges) {
    const source = ids.get(edge.source)!, target = ids.get(edge.target)!;
    const id = freeId(diagram, `${source}--${target}`, taken);
    taken.add(id);
    ops.push({ op: "add_edge", edge: { id, source, target, label: edge.label, kind: edge.kind, properties: edge.properties } });
  }
  return { ops, ids: [...ids.values()] };
}

function pasted(diagram: Diagram, node: Node, ids: ReadonlyMap<string, string>, by: number) {
  const { id, type, label, technology, description, parent, position, properties } = node;
  const inside = parent === null ? null : (ids.get(parent) ?? (diagram.nodes.has(parent) ? parent : null));
  const place = { x: position.x + by, y: position.y + by };
  return { id: ids.get(id)!, type, label, technology, description, properties, parent: inside, position: place };
}

export function group(diagram: Diagram, ids: ReadonlySet<string>, label = "Group"): { ops: Op[]; id: string } | null {
  const members = [...ids].map((id) => diagram.nodes.get(id)).filter((n): n is Node => n !== undefined);
  const outer = members.filter((node) => !ancestors(diagram, node.id).some((g) => ids.has(g)));
  const first = outer[0];
  if (first === undefined) return null;
  const parent = outer.every((node) => node.parent === first.parent) ? first.parent : null;
  const id = freeId(diagram, label);
  return {
    id,
    ops: [
      { op: "add_node", node: { id, type: "group", label, parent } },
      ...outer.map((node): Op => ({ op: "update_node", id: node.id, set: { parent: id } })),
    ],
  };
}

export type Alignment = "left" | "top" | "middle" | "row" | "column";

export function align(diagram: Diagram, ids: ReadonlySet<string>, how: Alignment): Op[] {
  const nodes = [...ids].map((id) => diagram.nodes.get(id)).filter((n): n is Node => n !== undefined);
  if (nodes.length < 2) return [];
  const left = Math.min(...nodes.map((n) => n.position.x)), top = Math.min(...nodes.map((n) => n.position.y));
  const middle = Math.max(...nodes.map((n) => n.position.x + sizeOf(n).width / 2));
  let next = 0;
  const place = (node: Node): Point => {
    const { width, height } = sizeOf(node);
    const before = next;
    switch (how) {
      case "left": return { x: left, y: node.position.y };
      case "top": return { x: node.position.x, y: top };
      case "middle": return { x: middle - width / 2, y: node.position.y };
      case "row": next += width + 60; return { x: left + before, y: top };
      case "column": next += height + 40; return { x: left, y: top + before };
    }
  };
  const axis = how === "row" ? "x" : "y";
  const ordered = [...nodes].sort((a, b) => a.position[axis] - b.position[axis]);
  return drop(diagram, new Map(ordered.map((node) => [node.id, place(node)])));
}

/** Set what differs of a node's or an edge's properties. */
export function change(diagram: Diagram, id: string, set: Partial<Node> & Partial<Edge>): Op[] {
  const element = diagram.nodes.get(id) ?? diagram.edges.get(id);
  if (!element) return [];
  const now = element as unknown as Record<string, unknown>;
  const differs = Object.fromEntries(Object.entries(set).filter(([name, value]) => now[name] !== value));
  if (Object.keys(differs).length === 0) return [];
  return [{ op: diagram.nodes.has(id) ? "update_node" : "update_edge", id, set: differs } as Op];
}
