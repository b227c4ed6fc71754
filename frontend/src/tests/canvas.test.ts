import { expect, test } from "vitest";
import { NO_MARKS } from "../editor/marks";
import { fold } from "../editor/diagram";
import { chosen } from "../canvas/selection";
import { around } from "../canvas/view";
import { labelLines, labelPlace, roundedPath } from "../canvas/path";
import { type Showing, toFlow } from "../canvas/toFlow";
import { addNode, align, change, connect, copy, drop, freeId, group, paste, remove } from "../canvas/toOps";
import { diagram, edge, node } from "./samples";

const showing: Showing = { preview: null, marks: NO_MARKS, collapsed: new Set(), selected: new Set() };
const nested = diagram(
  node("a", { parent: "g", position: { x: 130, y: 150 } }),
  node("g", { type: "group", position: { x: 100, y: 100 }, size: { width: 300, height: 200 } }),
  node("b", { position: { x: 600, y: 150 } }),
  edge("a", "b", { route: [{ x: 290, y: 181 }, { x: 600, y: 181 }] }),
);

test("groups come before their members, whose places become relative to them", () => {
  const { nodes } = toFlow(nested, showing);
  expect(nodes.map((one) => [one.id, one.type, one.parentId, one.position])).toEqual([
    ["g", "group", undefined, { x: 100, y: 100 }],
    ["b", "box", undefined, { x: 600, y: 150 }],
    ["a", "box", "g", { x: 30, y: 50 }],
  ]);
});

test("the server's route is drawn while both ends stand where it was made for", () => {
  expect(toFlow(nested, showing).edges[0]!.data!.route).toHaveLength(2);
  const moved = fold(nested, [{ op: "update_node", id: "b", set: { position: { x: 600, y: 400 } } }]);
  expect(toFlow(moved, showing).edges[0]!.data!.route).toEqual([]);
});

test("a collapsed group stands for what it holds", () => {
  const flow = toFlow(nested, { ...showing, collapsed: new Set(["g"]) });
  expect(flow.nodes.map((one) => one.id)).toEqual(["g", "b"]);
  expect(flow.edges.map((one) => [one.source, one.target, one.data!.route])).toEqual([["g", "b", []]]);
});

test("what is being drawn shows as ghosts, and what stands already does not", () => {
  const preview = { turn: 1, sections: [], edges: [], nodes: [...nested.nodes.values(), { ...nested.nodes.get("b")!, id: "c" }] } as never;
  const ghosts = toFlow(nested, { ...showing, preview }).nodes.filter((one) => one.data.ghost);
  expect(ghosts.map((one) => one.id)).toEqual(["c"]);
});

test("a node dropped into a group moves there, and one dropped where it was does not move", () => {
  expect(drop(nested, new Map([["b", { x: 150.4, y: 180 }]]))).toEqual([{ op: "update_node", id: "b", set: { position: { x: 150, y: 180 }, parent: "g" } }]);
  expect(drop(nested, new Map([["a", { x: 900, y: 900 }]]))).toEqual([{ op: "update_node", id: "a", set: { position: { x: 900, y: 900 }, parent: null } }]);
  expect(drop(nested, new Map([["b", { x: 600, y: 150 }]]))).toEqual([]);
});

test("a group that moves takes its members along without ops of their own", () => {
  const ops = drop(nested, new Map([["g", { x: 0, y: 500 }], ["a", { x: 30, y: 550 }]]));
  expect(ops).toEqual([{ op: "update_node", id: "g", set: { position: { x: 0, y: 500 } } }]);
});

test("edges of deleted nodes need no op of their own", () => {
  expect(remove(nested, ["a", "a--b"])).toEqual([{ op: "delete_node", id: "a" }]);
  expect(remove(nested, ["a--b"])).toEqual([{ op: "delete_edge", id: "a--b" }]);
});

test("a line is drawn once, and never from a node to itself", () => {
  expect(connect(nested, "a", "b")).toEqual([]);
  expect(connect(nested, "a", "a")).toEqual([]);
  expect(connect(nested, "b", "a")).toEqual([{ op: "add_edge", edge: { id: "b-a", source: "b", target: "a", kind: "request" } }]);
});

test("a copy brings members and the lines between them, under ids that are free", () => {
  const { ops, ids } = paste(nested, copy(nested, new Set(["g", "b"])));
  const after = fold(nested, ops);
  expect(after.nodes.size).toBe(6);
  expect(new Set(ids).size).toBe(3);
  const edges = [...after.edges.values()].slice(1);
  expect(edges.map((one) => [ids.includes(one.source), ids.includes(one.target)])).toEqual([[true, true]]);
  expect(after.nodes.get(ids[0]!)!.parent).not.toBe("g");
});

test("an id is made from the label and never taken twice", () => {
  expect(freeId(nested, "Order Service (v2)")).toBe("order-service-v2");
  expect(freeId(nested, "a")).toBe("a-2");
  expect(freeId(nested, "数据库")).toBe("node");
});

test("grouping keeps members of the selection's groups where they are", () => {
  const made = group(nested, new Set(["g", "a", "b"]))!;
  expect(made.ops.slice(1)).toEqual([
    { op: "update_node", id: "g", set: { parent: made.id } },
    { op: "update_node", id: "b", set: { parent: made.id } },
  ]);
});

test("aligning moves only what is not aligned", () => {
  expect(align(diagram(node("x"), node("y", { position: { x: 40, y: 200 } })), new Set(["x", "y"]), "left")).toEqual([
    { op: "update_node", id: "y", set: { position: { x: 0, y: 200 } } },
  ]);
});

test("only what differs is set", () => {
  expect(change(nested, "a", { label: "A" })).toEqual([]);
  expect(change(nested, "a--b", { label: "calls" })).toEqual([{ op: "update_edge", id: "a--b", set: { label: "calls" } }]);
});

test("a path goes along its legs with round corners, its label on the longest level leg", () => {
  const route = [{ x: 0, y: 0 }, { x: 100, y: 0 }, { x: 100, y: 400 }];
  expect(roundedPath(route)).toBe("M0,0L92,0Q100,0 100,8L100,400");
  expect(labelPlace([...route, { x: 500, y: 400 }])).toEqual({ x: 300, y: 400 });
  expect(roundedPath([])).toBe("");
  expect(labelLines("publishes order events to everybody")).toEqual(["publishes order events", "to everybody"]);
});

test("what is clicked joins the one selection of nodes and lines, and what is let go leaves it", () => {
  const select = (id: string, selected: boolean) => ({ type: "select", id, selected }) as const;
  expect([...chosen(new Set(["a", "x"]), [select("a--b", true), select("x", false), { type: "remove", id: "a" }])]).toEqual(["a", "a--b"]);
});

test("the rectangle around all is told from the outermost boxes, drawn or not", () => {
  expect(around(toFlow(nested, showing).nodes)).toEqual({ x: 100, y: 100, width: 660, height: 200 });
  expect(around([])).toBeNull();
});

test("a new node lies in the group under the pointer, though its corner does not", () => {
  const [made] = addNode(nested, "service", "New", "", { x: 60, y: 150 }, { x: 150, y: 180 });
  expect(made).toEqual({ op: "add_node", node: { id: "new", type: "service", label: "New", technology: "", parent: "g", position: { x: 60, y: 150 } } });
});
