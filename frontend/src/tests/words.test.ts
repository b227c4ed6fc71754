import { expect, test } from "vitest";
import { said } from "../chat/Calls";
import { stillOpen, suggestions } from "../chat/suggestions";
import { isMarked, mark, NO_MARKS } from "../editor/marks";
import { age, dollars, seconds } from "../ui/words";
import { change, diagram, edge, node } from "./samples";

const job = { actor: { kind: "job", id: "j1" }, job_id: "j1" } as const;

test("what the agent did is marked; what a person did, and geometry, is not", () => {
  const ops = [node("new"), { op: "update_node", id: "old", set: { label: "x" } }, { op: "update_node", id: "far", set: { position: { x: 1, y: 1 } } }, { op: "delete_node", id: "gone" }] as never;
  const marks = mark(NO_MARKS, [change(1, ops, job), change(2, [node("mine")])], (id) => id.toUpperCase());
  expect([[...marks.added], [...marks.changed], marks.removed, marks.jobId]).toEqual([["new"], ["old"], ["GONE"], "j1"]);
  expect(isMarked(NO_MARKS)).toBe(false);
});

test("a newer job's marks replace those of an older one", () => {
  const marks = mark(NO_MARKS, [change(1, [node("a")], job), change(2, [node("b")], { ...job, job_id: "j2" })], () => undefined);
  expect([[...marks.added], marks.jobId]).toEqual([["b"], "j2"]);
});

test("a tool call is told by what it is about", () => {
  expect(said("add_node", { id: "x", label: "Order service" })).toBe("add node: Order service");
  expect(said("add_edge", { source: "a", target: "b", label: "calls" })).toBe("add edge: a → b");
});

test("suggestions name what is there and what is missing", () => {
  const shop = diagram(node("db", { type: "database", label: "Orders" }), node("s", { label: "Shop" }), node("t", { label: "Till" }));
  expect(suggestions(shop)).toEqual(["Add a cache in front of Orders", "Add monitoring to all services", "Insert a queue between Shop and Till"]);
  expect(suggestions(diagram())).toEqual([]);
});

test("what was asked for, or is there already, is not suggested again", () => {
  const db = node("db", { type: "database", label: "Orders", technology: "PostgreSQL" });
  const cached = diagram(db, node("c", { type: "cache", label: "Cache" }), node("m", { type: "monitoring", label: "Metrics" }), edge("c", "db"));
  const ideas = ["Add a cache in front of Orders", "Add monitoring", "Make Orders a managed service", "Add a read replica for the Orders", "Add sign-in for users"];
  expect(stillOpen(ideas, diagram(db), [])).toEqual(ideas);
  expect(stillOpen(ideas, cached, [])).toEqual(ideas.slice(2));
  expect(stillOpen(ideas, cached, ["make Orders a managed service."])).toEqual(ideas.slice(3));
  const managed = diagram(node("db", { type: "database", label: "Orders", technology: "Amazon RDS for PostgreSQL" }), node("r", { type: "database", label: "Copy" }), edge("db", "r", { kind: "replication" }));
  expect(stillOpen(ideas, managed, [])).toEqual([ideas[0], ideas[1], ideas[4]]);
});

test("times and costs are told in plain words", () => {
  const now = Date.parse("2026-11-24T12:00:00Z");
  expect([age("2026-11-24T11:59:50Z", now), age("2026-11-24T11:30:00Z", now), age("2026-11-21T12:00:00Z", now)]).toEqual(["just now", "30 minutes ago", "3 days ago"]);
  expect([dollars(0), dollars(0.0031), dollars(1.234)]).toEqual(["free", "$0.0031", "$1.23"]);
  expect([seconds(900), seconds(61_000)]).toEqual(["0.9 s", "1 min 1 s"]);
});
