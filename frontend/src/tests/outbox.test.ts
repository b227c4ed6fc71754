import { beforeEach, expect, test } from "vitest";
import { confirm, drop, keep, next, OPS_MAX, type Outbox, push, rebase, restore, settle } from "../editor/outbox";
import { change, diagram, node } from "./samples";
import type { Op } from "../editor/diagram";

let keys = 0;
const key = () => `k${++keys}`;
const rename = (id: string, label: string): Op => ({ op: "update_node", id, set: { label } });
beforeEach(() => {
  keys = 0;
  localStorage.clear();
  sessionStorage.clear();
});

test("edits are sent in their order, one at a time, and never more than fifty ops in one", () => {
  const ops = Array.from({ length: OPS_MAX + 1 }, (_, n) => node(`n${n}`));
  const outbox = push(push([], ops, key), [rename("n0", "x")], key);
  expect(outbox.map((edit) => edit.ops.length)).toEqual([50, 1, 1]);
  expect(next(outbox)!.key).toBe("k1");
  expect(next(confirm(outbox, "k1", 7))!.key).toBe("k2");
  expect(next(drop(drop(confirm(outbox, "k1", 7), "k2"), "k3"))).toBeUndefined();
});

test("an own edit stays on top of what others did below it", () => {
  const outbox: Outbox = [{ key: "k1", ops: [rename("a", "Mine")] }];
  const server = diagram(node("a", { label: "Theirs", description: "new" }), node("b"));
  const shown = rebase(server, outbox);
  expect([shown.nodes.get("a")!.label, shown.nodes.get("a")!.description, shown.nodes.size]).toEqual(["Mine", "new", 2]);
  expect(rebase(server, [])).toBe(server);
});

test("an edit is forgotten when its change comes back, not before", () => {
  const outbox = confirm([{ key: "c4", ops: [rename("a", "x")] }], "c4", 4);
  expect(settle(outbox, 3)).toBe(outbox);
  expect(settle(outbox, 4)).toEqual([]);
  expect(settle([{ key: "c4", ops: [] }], 4, [change(4, [])])).toEqual([]);
});

test("edits survive a reload, and a page takes over what another tab left behind", () => {
  const outbox = push([], [rename("a", "x")], key);
  keep("ses", outbox);
  expect(restore("ses")).toEqual(outbox);
  sessionStorage.clear();
  expect(restore("ses")).toEqual(outbox);
  expect(localStorage.length).toBe(1);
  expect(restore("other")).toEqual([]);
  keep("ses", []);
  expect(restore("ses")).toEqual([]);
});

test("what cannot be read is nothing", () => {
  localStorage.setItem("archwright:outbox:ses:t", "{broken");
  expect(restore("ses")).toEqual([]);
});
