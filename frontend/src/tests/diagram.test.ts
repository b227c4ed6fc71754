import { expect, test } from "vitest";
import { ancestors, fold, foldEdit } from "../editor/diagram";
import { diagram, edge, ids, node } from "./samples";

test("a deleted node takes its edges along and leaves its members to its parent", () => {
  const before = diagram(node("vpc", { type: "group" }), node("net", { type: "group", parent: "vpc" }), node("a", { parent: "net" }), node("b"), edge("a", "b"));
  const after = fold(before, [{ op: "delete_node", id: "net" }, { op: "delete_node", id: "b" }]);
  expect(ids(after)).toEqual(["vpc", "a"]);
  expect(after.nodes.get("a")!.parent).toBe("vpc");
  expect(after.edges.size).toBe(0);
});

test("a fold shares what it did not touch and leaves the diagram before it alone", () => {
  const before = diagram(node("a"), node("b"));
  const after = fold(before, [{ op: "update_node", id: "a", set: { label: "New" } }]);
  expect(before.nodes.get("a")!.label).toBe("A");
  expect(after.nodes.get("b")).toBe(before.nodes.get("b"));
  expect(fold(before, [])).toBe(before);
});

test("an op on what is not there does nothing", () => {
  const before = diagram(node("a"));
  expect(ids(fold(before, [{ op: "update_node", id: "x", set: { label: "y" } }, { op: "delete_node", id: "x" }, { op: "delete_edge", id: "x" }]))).toEqual(["a"]);
});

test("what lies in a group goes where an own edit moves the group", () => {
  const before = diagram(node("g", { type: "group" }), node("h", { type: "group", parent: "g" }), node("a", { parent: "h", position: { x: 30, y: 40 } }), node("b"));
  const after = foldEdit(before, [{ op: "update_node", id: "g", set: { position: { x: 100, y: 10 } } }]);
  expect(after.nodes.get("a")!.position).toEqual({ x: 130, y: 50 });
  expect(after.nodes.get("b")!.position).toEqual({ x: 0, y: 0 });
});

test("the groups around a node are told from the inside out, and a circle ends", () => {
  const nested = diagram(node("g", { type: "group" }), node("h", { type: "group", parent: "g" }), node("a", { parent: "h" }));
  expect(ancestors(nested, "a")).toEqual(["h", "g"]);
  expect(ancestors(diagram(node("x", { parent: "y" }), node("y", { parent: "x" })), "x")).toEqual(["y", "x"]);
});
