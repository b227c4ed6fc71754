import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Outgoing } from "../editor/outgoing";
import type { Op } from "../editor/diagram";

/** What the server was asked, and what it answers: a status, or "lost" for an answer that never arrives. */
let asked: string[];
let answers: (number | "lost")[];
let told: string[];
let version: number;

beforeEach(() => {
  vi.useFakeTimers();
  localStorage.clear();
  sessionStorage.clear();
  [asked, answers, told, version] = [[], [], [], 0];
  vi.stubGlobal("fetch", async (url: string, init: RequestInit) => {
    const { ops } = JSON.parse(String(init.body ?? "{}")) as { ops?: { title: string }[] };
    asked.push(ops ? ops.map((op) => op.title).join() : url.split("/").at(-1)!);
    const answer = answers.shift() ?? 200;
    if (answer === "lost") throw new TypeError("Failed to fetch");
    const body = answer === 200 ? { version: ++version, change: { change_id: "c", version, ops: [] }, skipped: [] } : { detail: "No." };
    return new Response(JSON.stringify(body), { status: answer });
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const titled = (title: string): Op[] => [{ op: "set_title", title }];
const outgoing = () => new Outgoing("ses", { made: () => undefined, changed: () => undefined, failed: () => undefined, tell: (text) => told.push(text) });
const waited = () => vi.advanceTimersByTimeAsync(10_000);

test("an undo waits for the edits before it, and those after it wait for the undo", async () => {
  const out = outgoing();
  out.edit(titled("one"));
  void out.step("undo");
  out.edit(titled("two"));
  await waited();
  expect([asked, told, out.unsaved]).toEqual([["one", "undo", "two"], [], []]);
});

test("an edit that fails in passing is sent again before the undo is asked for", async () => {
  answers = [503, "lost"];
  const out = outgoing();
  out.edit(titled("one"));
  void out.step("undo");
  await waited();
  expect([asked, told]).toEqual([["one", "one", "one", "undo"], []]);
});

test("while edits cannot be sent nothing is undone, and it is told", async () => {
  answers = Array(9).fill(503);
  const out = outgoing();
  out.edit(titled("one"));
  void out.step("undo");
  await waited();
  expect(new Set(asked)).toEqual(new Set(["one"]));
  expect(told).toEqual(["Nothing was undone: The edits before it are not saved yet."]);
  expect(out.unsaved).toHaveLength(1);
  answers = [];
  await Promise.all([out.flush(), waited()]);
  expect(out.unsaved).toEqual([]);
});

test("an undo of an edit that the server refused takes back nothing else", async () => {
  answers = [200, 422];
  const out = outgoing();
  out.edit(titled("one"));
  out.edit(titled("two"));
  void out.step("undo");
  await waited();
  expect([asked, told]).toEqual([["one", "two"], ["The edit was taken back: No."]]);
});

test("a step whose answer was lost is asked for again under the same key", async () => {
  const keys: (string | null)[] = [];
  answers = ["lost"];
  const ask = globalThis.fetch;
  vi.stubGlobal("fetch", (url: string, init: RequestInit) => {
    keys.push((init.headers as Headers).get("idempotency-key"));
    return ask(url, init);
  });
  void outgoing().step("redo");
  await waited();
  expect([asked, told, new Set(keys).size]).toEqual([["redo", "redo"], [], 1]);
});

test("a step that is refused is told, and the next one is taken", async () => {
  answers = [409];
  const out = outgoing();
  void out.step("redo");
  void out.step("undo");
  await waited();
  expect([asked, told]).toEqual([["redo", "undo"], ["Nothing was done again: No."]]);
});
