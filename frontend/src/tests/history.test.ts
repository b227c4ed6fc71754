import { expect, test } from "vitest";
import { entries, listed, told, versions } from "../editor/entries";
import { change, diagram, edge, node } from "./samples";

const now = diagram(node("a"), node("b"), edge("a", "b"));
const of = (job: string) => ({ actor: { kind: "job", id: job }, job_id: job }) as const;
const section = (slug: string, title: string, before: object | null = null) => ({ op: "set_section", slug, title, body: "", before }) as never;
const said = (...ops: object[]) => told([change(1, ops as never)], now);

test("a change is told by what it did and to what", () => {
  expect(said(node("a"), node("b"))).toBe("added 2 nodes: A and B");
  expect(said({ op: "update_node", id: "a", set: { position: { x: 1, y: 2 }, pinned: true } }, { op: "update_edge", id: "e", set: { route: [] } })).toBe("moved 1 node: A");
  expect(said({ op: "update_node", id: "b", set: { technology: "Go" } }, { op: "update_node", id: "a", set: { position: { x: 1, y: 2 } } })).toBe("changed 1 node: B");
  expect(said({ op: "delete_edge", id: "e", before: { id: "e", source: "a", target: "gone" } })).toBe("removed 1 line: A → gone");
  expect(said({ op: "update_edge", id: "a--b", set: { label: "x" } })).toBe("changed 1 line: A → B");
  expect(said({ op: "delete_node", id: "old", before: { id: "old", label: "Old one" } }, edge("a", "b"))).toBe("removed 1 node: Old one; added 1 line");
  expect(said({ op: "set_title", title: "Shop" })).toBe("renamed the diagram to “Shop”");
  expect(said({ op: "delete_section", slug: "risks", before: { title: "Risks" } })).toBe("removed 1 section: Risks");
  expect(said()).toBe("nothing");
});

test("all changes of a job are one entry, where its newest stands", () => {
  const log = [change(1, [node("a")]), change(2, [section("s", "Summary")], of("j1")), change(3, [node("b")]), change(4, [section("r", "Risks")], of("j1"))];
  const found = entries(log);
  expect(found.map((entry) => [entry.key, entry.changes.map((one) => one.version), versions(entry)])).toEqual([
    ["j1", [4, 2], "versions 2 to 4"], ["c3", [3], "version 3"], ["c1", [1], "version 1"],
  ]);
  expect(told(found[0]!.changes, now)).toBe("wrote 2 sections: Summary and Risks");
});

test("a job is told by what came of it, not by each step", () => {
  const steps = [
    change(1, [node("n", { label: "Draft" }), node("m")], of("j")),
    change(2, [{ op: "update_node", id: "n", set: { label: "Order service" } }, section("s", "Summary", { title: "Summary" })], of("j")),
    change(3, [{ op: "delete_node", id: "m" }, section("s", "Summary", { title: "Summary" })], of("j")),
  ];
  expect(told(steps, now)).toBe("added 1 node: Order service; rewrote 1 section: Summary");
  expect(told([...steps].reverse(), now)).toBe(told(steps, now));
});

test("many names are some and a number", () => {
  expect([["A"], ["A", "B"], ["A", "B", "C"], ["A", "B", "C", "D", "E"]].map(listed)).toEqual(["A", "A and B", "A, B and C", "A, B, C and 2 more"]);
});
