/** A diagram as a value, and what an op does to it before the server has answered. */

export type NodeType =
  | "client" | "web" | "mobile" | "user" | "gateway" | "loadbalancer" | "cdn" | "dns" | "service" | "api"
  | "server" | "worker" | "function" | "queue" | "stream" | "cache" | "database" | "storage" | "search"
  | "vectordb" | "warehouse" | "auth" | "ml" | "llm" | "scheduler" | "monitoring" | "external" | "network"
  | "group";
export type EdgeKind = "request" | "async" | "data" | "replication" | "depends";
export interface Point { x: number; y: number }
export interface Size { width: number; height: number }
export type Properties = Record<string, unknown>;

export interface Node {
  id: string;
  type: NodeType;
  label: string;
  technology: string;
  description: string;
  parent: string | null;
  position: Point;
  size: Size;
  pinned: boolean;
  properties: Properties;
}

export interface Edge {
  id: string;
  source: string;
  target: string;
  label: string;
  kind: EdgeKind;
  properties: Properties;
  route: Point[];
  label_at?: Point | null;
}

export interface Section { slug: string; title: string; body: string; position: number }

export type NodeSet = Partial<Omit<Node, "id">>;
export type EdgeSet = Partial<Omit<Edge, "id">>;
export type NodeDraft = Partial<Node> & { id: string; label: string };
export type EdgeDraft = Partial<Edge> & { id: string; source: string; target: string };

/** An op, as the editor sends it and as the log records it (then with `before`). */
export type Op =
  | { op: "add_node"; node: NodeDraft }
  | { op: "update_node"; id: string; set: NodeSet }
  | { op: "delete_node"; id: string }
  | { op: "add_edge"; edge: EdgeDraft }
  | { op: "update_edge"; id: string; set: EdgeSet }
  | { op: "delete_edge"; id: string }
  | { op: "set_section"; slug: string; title: string; body: string; position?: number }
  | { op: "delete_section"; slug: string }
  | { op: "set_title"; title: string };

/** Never mutated; a fold makes a new one and shares what it did not touch. */
export interface Diagram {
  readonly title: string;
  readonly nodes: ReadonlyMap<string, Node>;
  readonly edges: ReadonlyMap<string, Edge>;
  readonly sections: ReadonlyMap<string, Section>;
}

export const EMPTY: Diagram = { title: "", nodes: new Map(), edges: new Map(), sections: new Map() };

const NODE: Omit<Node, "id" | "label"> = {
  type: "service", technology: "", description: "", parent: null,
  position: { x: 0, y: 0 }, size: { width: 180, height: 72 }, pinned: false, properties: {},
};
const EDGE: Omit<Edge, "id" | "source" | "target"> = { label: "", kind: "request", properties: {}, route: [] };

class Draft {
  title: string;
  nodes: Map<string, Node>;
  edges: Map<string, Edge>;
  sections: Map<string, Section>;

  constructor(diagram: Diagram) {
    this.title = diagram.title;
    this.nodes = new Map(diagram.nodes);
    this.edges = new Map(diagram.edges);
    this.sections = new Map(diagram.sections);
  }
}

/** Return the diagram after the ops. Total: an op on what is not there does nothing, for the server decides. */
export function fold(diagram: Diagram, ops: readonly Op[]): Diagram {
  if (ops.length === 0) return diagram;
  const draft = new Draft(diagram);
  for (const op of ops) apply(draft, op);
  return draft;
}

/** Return the diagram after an own edit: as `fold`, and what lies in a group goes where the group goes, as the server
 *  will have it. */
export function foldEdit(diagram: Diagram, ops: readonly Op[]): Diagram {
  return ops.reduce((before, op) => {
    const after = fold(before, [op]);
    const group = op.op === "update_node" && op.set.position ? before.nodes.get(op.id) : undefined;
    return group?.type === "group" ? follow(before, after, group) : after;
  }, diagram);
}

function follow(before: Diagram, after: Diagram, group: Node): Diagram {
  const at = after.nodes.get(group.id)!.position;
  const dx = at.x - group.position.x, dy = at.y - group.position.y;
  const nodes = new Map(after.nodes);
  for (const node of before.nodes.values()) {
    if (!ancestors(before, node.id).includes(group.id)) continue;
    nodes.set(node.id, { ...node, position: { x: node.position.x + dx, y: node.position.y + dy } });
  }
  return { ...after, nodes };
}

function apply(draft: Draft, op: Op): void {
  switch (op.op) {
    case "add_node": draft.nodes.set(op.node.id, { ...NODE, ...op.node }); break;
    case "update_node": update(draft.nodes, op.id, op.set); break;
    case "delete_node": deleteNode(draft, op.id); break;
    case "add_edge": draft.edges.set(op.edge.id, { ...EDGE, ...op.edge }); break;
    case "update_edge": update(draft.edges, op.id, op.set); break;
    case "delete_edge": draft.edges.delete(op.id); break;
    case "set_section": setSection(draft, op); break;
    case "delete_section": draft.sections.delete(op.slug); break;
    case "set_title": draft.title = op.title; break;
  }
}

function update<T>(elements: Map<string, T>, id: string, set: Partial<T>): void {
  const element = elements.get(id);
  if (element) elements.set(id, { ...element, ...set });
}

function deleteNode(draft: Draft, id: string): void {
  const node = draft.nodes.get(id);
  if (!node) return;
  draft.nodes.delete(id);
  for (const edge of draft.edges.values()) {
    if (edge.source === id || edge.target === id) draft.edges.delete(edge.id);
  }
  for (const child of draft.nodes.values()) {
    if (child.parent === id) draft.nodes.set(child.id, { ...child, parent: node.parent });
  }
}

function setSection(draft: Draft, op: Extract<Op, { op: "set_section" }>): void {
  const position = op.position ?? draft.sections.get(op.slug)?.position ?? draft.sections.size;
  draft.sections.set(op.slug, { slug: op.slug, title: op.title, body: op.body, position });
}

/** The groups around a node, innermost first; stops at a cycle or a missing group. */
export function ancestors(diagram: Diagram, id: string): string[] {
  const found: string[] = [];
  let parent = diagram.nodes.get(id)?.parent ?? null;
  while (parent !== null && !found.includes(parent) && diagram.nodes.has(parent)) {
    found.push(parent);
    parent = diagram.nodes.get(parent)?.parent ?? null;
  }
  return found;
}
