import { beforeEach, expect, test } from "vitest";
import { begin, clash, isChanged, useDrafts } from "../document/drafts";
import { slugOf } from "../document/jump";
import { canUpdate, due, isOn, setUpToDate, type Tries, useSetting } from "../document/upToDate";

const section = { slug: "summary", title: "Summary", body: "Old.", position: 1 };
const stands = (slug: string, rest: object = {}) =>
  ({ slug, title: slug, body: "", position: 1, by: "job", stale: true, reason: "It has changed since.", node_id: null, written_at: 1, proposes: null, ...rest }) as never;

beforeEach(() => {
  sessionStorage.clear();
  localStorage.clear();
  useDrafts.setState({ session: null, drafts: new Map() });
  useSetting.setState({ on: {} });
});

test("what is being written is kept over a reload, each session's own", () => {
  useDrafts.getState().open("ses_1");
  useDrafts.getState().put({ ...begin(section), body: "Mine." });
  useDrafts.getState().open("ses_2");
  expect(useDrafts.getState().drafts.size).toBe(0);
  useDrafts.getState().open("ses_1");
  expect(useDrafts.getState().drafts.get("summary")).toEqual({ slug: "summary", title: "Summary", body: "Mine.", base: { title: "Summary", body: "Old." } });
  useDrafts.getState().drop("summary");
  expect(sessionStorage.length).toBe(0);
});

test("drafts that cannot be read are no drafts", () => {
  sessionStorage.setItem("archwright:drafts:ses_1", "{");
  useDrafts.getState().open("ses_1");
  expect(useDrafts.getState().drafts.size).toBe(0);
});

test("a section that others changed or removed meanwhile is not overwritten unasked", () => {
  const draft = { ...begin(section), body: "Mine." };
  expect(isChanged(begin(section))).toBe(false);
  expect(isChanged(draft)).toBe(true);
  expect(clash(draft, section)).toBeNull();
  expect(clash(draft, { ...section, body: "Theirs." })).toBe("changed");
  expect(clash(draft, { ...section, body: "Mine." })).toBeNull();
  expect(clash(draft, undefined)).toBe("removed");
  expect(clash({ ...draft, base: { title: "Summary", body: "Theirs." } }, { ...section, body: "Theirs." })).toBeNull();
  expect(clash({ ...draft, base: null }, undefined)).toBeNull();
  expect(clash({ ...draft, base: null }, section)).toBe("changed");
});

test("only stale sections of the agent's about what is there can be updated", () => {
  expect(canUpdate(stands("summary"))).toBe(true);
  expect(canUpdate(stands("component-db", { node_id: "db" }))).toBe(true);
  expect(canUpdate(stands("component-gone"))).toBe(true);
  expect(canUpdate(stands("summary", { by: "user" }))).toBe(false);
  expect(canUpdate(stands("summary", { stale: false }))).toBe(false);
});

test("a section that an update does not help is left after two, and taken up again for another reason", () => {
  const check = (tries: Tries, ...sections: never[]) => due(sections, tries);
  let found = check(new Map(), stands("a"), stands("b", { by: "user" }));
  expect(found.slugs).toEqual(["a"]);
  found = check(found.tries, stands("a"));
  expect(found.slugs).toEqual(["a"]);
  found = check(found.tries, stands("a"));
  expect(found.slugs).toEqual([]);
  expect(check(found.tries, stands("a", { reason: "Another." })).slugs).toEqual(["a"]);
  found = check(found.tries, stands("a", { stale: false }));
  expect(check(found.tries, stands("a")).slugs).toEqual(["a"]);
});

test("the setting is remembered for its session alone", () => {
  const now = (session: string) => isOn(useSetting.getState().on, session);
  setUpToDate("ses_1", true);
  expect([now("ses_1"), now("ses_2")]).toEqual([true, false]);
  useSetting.setState({ on: {} });
  expect(now("ses_1")).toBe(true);
  setUpToDate("ses_1", false);
  expect([now("ses_1"), localStorage.length]).toEqual([false, 0]);
});

test("a component's section has the name that the server gives it", () => {
  expect(slugOf("db")).toBe("component-db");
  expect(slugOf("x".repeat(200))).toHaveLength(100);
});
