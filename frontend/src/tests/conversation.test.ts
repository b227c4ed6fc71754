import { expect, test } from "vitest";
import type { Awaiting, PlanStep, Ticked } from "../api/jobs";
import { amountOf, limitOf } from "../chat/ApproveAbove";
import { standing, tally } from "../chat/Checklist";
import { isWhole, moved, scaled, trimmed, waits, withoutStep } from "../chat/plan";
import { roundOf } from "../chat/Questions";
import { isFree } from "../chat/resuming";
import { nextSteps } from "../chat/suggestions";

const step = (id: string, ...after: string[]): PlanStep => ({ id, title: id.toUpperCase(), task: `Do ${id}`, after });
const told = (steps: readonly PlanStep[]) => steps.map((one) => `${one.id}(${one.after.join(" ")})`).join(" ");
const PLAN = [step("a"), step("b", "a"), step("c", "b"), step("d", "a", "c")];

test("what waited for a removed step waits for what that one waited for", () => {
  expect(told(withoutStep(PLAN, "b"))).toBe("a() c(a) d(a c)");
  expect(told(withoutStep(PLAN, "a"))).toBe("b() c(b) d(c)");
  expect(told(withoutStep(PLAN, "x"))).toBe(told(PLAN));
});

test("a step that is moved before another no longer waits for it, and nothing waits in a circle", () => {
  expect(told(moved(PLAN, "c", -1))).toBe("a() c(a) b(a) d(a c)");
  expect(told(moved(PLAN, "b", 1))).toBe("a() c(a) b(a) d(a c)");
  expect(told(moved(PLAN, "a", -1))).toBe(told(PLAN));
  expect(told(moved(PLAN, "d", 1))).toBe(told(PLAN));
  expect(told(moved([step("late", "early"), step("early")], "early", -1))).toBe("early() late(early)");
});

test("a plan is told by places, and is whole when every step has words", () => {
  expect(PLAN.map((one) => waits(PLAN, one))).toEqual(["", "after 1", "after 2", "after 1 and 3"]);
  expect(isWhole(PLAN)).toBe(true);
  expect(isWhole([])).toBe(false);
  expect(isWhole([{ ...step("a"), title: "  " }])).toBe(false);
  expect(trimmed([{ ...step("a"), title: " A " }])[0]!.title).toBe("A");
  expect([scaled(0.75, 3, 2), scaled(1, 0, 0)]).toEqual([0.5, 0]);
});

test("a checklist is told in words, and nothing runs in a job that is over", () => {
  const ticked = (status: Ticked["status"]): Ticked => ({ id: status, title: status, status });
  expect(tally([ticked("done"), ticked("running"), ticked("pending")])).toBe("1 of 3 steps done");
  expect(tally([ticked("done"), ticked("failed"), ticked("skipped")])).toBe("1 of 3 steps done, 1 failed, 1 skipped");
  expect([standing(ticked("running"), true), standing(ticked("running"), false), standing(ticked("done"), true)]).toEqual(["pending", "running", "done"]);
});

test("a round is its questions, or the only one", () => {
  const both = [{ question: "Where?", options: ["Here"] }, { question: "How?", options: [] }];
  expect(roundOf({ kind: "question", questions: both } as Awaiting)).toEqual(both);
  expect(roundOf({ kind: "question", question: "Where?", options: ["Here"] })).toEqual([both[0]]);
});

test("an amount is read as people write it; what is none sets no limit", () => {
  expect(["0", "0,5", " $1.25 ", "", "-1", "much"].map(amountOf)).toEqual([0, 0.5, 1.25, null, null, null]);
  expect([limitOf({ approveAbove: 0 }), limitOf({ approveAbove: null })]).toEqual([{ approve_above_usd: 0 }, {}]);
});

test("the next steps are the list that the last message ends with", () => {
  expect(nextSteps("Drew **two** parts.\n\nNext:\n- Add a `cache`\n- **Add** monitoring\n")).toEqual(["Add a cache", "Add monitoring"]);
  expect(nextSteps('Next steps:\n1. "Add a read replica", so that it survives.\n2) [Add sign-in](https://x.example)')).toEqual(["Add a read replica", "Add sign-in"]);
  expect(nextSteps("- one\n- two\n\nThat is all.")).toEqual([]);
  expect(nextSteps("Parts:\n- a\n- b\n- c\n- d")).toEqual([]);
});

test("a form takes the keyboard from nobody who types", () => {
  document.body.innerHTML = "<button></button><input><textarea data-message-box></textarea><div role=dialog><button id=inner></button></div>";
  const [button, input, box] = ["button", "input", "textarea"].map((name) => document.querySelector<HTMLTextAreaElement>(name)!);
  expect([null, document.body, button!, box!].map(isFree)).toEqual([true, true, true, true]);
  box!.value = "And another thing";
  expect([box!, input!, document.querySelector("#inner")].map(isFree)).toEqual([false, false, false]);
});
