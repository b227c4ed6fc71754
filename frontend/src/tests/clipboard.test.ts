import { expect, test } from "vitest";
import { readNodes, written } from "../canvas/clipboard";
import { copy } from "../canvas/toOps";
import { diagram, edge, node } from "./samples";

const pair = diagram(node("a", { label: `"A" & <b>`, technology: "Go", properties: { region: "eu" } }), node("b"), edge("a", "b", { label: "calls" }));
const copied = copy(pair, new Set(["a", "b"]));
const forged = (content: unknown) => `<ul data-archwright='${JSON.stringify(content)}'></ul>`;

test("what is copied can be read back whole, and is names to everybody else", () => {
  const { "text/html": html, "text/plain": text } = written(copied);
  expect(text).toBe('"A" & <b>\nB');
  expect(readNodes(`<html><body><!--StartFragment-->${html}<!--EndFragment--></body></html>`)).toEqual(copied);
});

test("a text that holds no nodes is none", () => {
  expect(["", "<p>words</p>", forged(null), forged([]), forged({ nodes: 3, edges: 4 }), forged({ nodes: [{ id: 7 }, null, "x"], edges: [{}] }), "<ul data-archwright='{broken'></ul>"].map(readNodes))
    .toEqual([null, null, null, null, null, null, null]);
});

test("of what is half right the whole nodes are taken, and the lines between them", () => {
  const found = readNodes(forged({ nodes: [{ id: "a", label: "A", position: "x", size: { width: "1" }, properties: [] }, { id: "b" }], edges: [{ id: "e", source: "a", target: "b" }] }));
  expect(found).toEqual({
    nodes: [{ id: "a", label: "A", type: "service", technology: "", description: "", parent: null, position: { x: 0, y: 0 }, size: { width: 0, height: 0 }, pinned: false, properties: {} }],
    edges: [],
  });
});
