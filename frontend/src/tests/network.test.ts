import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { newKey } from "../api/client";
import { keep, push, restore } from "../editor/outbox";
import { randomId } from "../ids";
import { SafeStorage } from "../storage";
import { copyPicture, copyText, NO_PICTURES } from "../ui/clipboard";
import { node } from "./samples";

beforeEach(() => localStorage.clear());
afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
  document.head.innerHTML = "";
});

const forbidden = () => { throw new DOMException("denied", "SecurityError"); };

test("a page without TLS makes its own ids", () => {
  vi.stubGlobal("crypto", { getRandomValues: crypto.getRandomValues.bind(crypto) });
  expect(randomId()).toMatch(/^[0-9a-f]{32}$/);
  expect(newKey()).toMatch(/^chg_[0-9a-f]{32}$/);
  expect(new Set(Array.from({ length: 100 }, randomId)).size).toBe(100);
});

test("a forbidden storage is the page's memory", () => {
  const storage = new SafeStorage(forbidden);
  storage.setItem("a", "1");
  storage.setItem("b", "2");
  expect([storage.getItem("a"), storage.getItem("c"), storage.length, storage.key(1)]).toEqual(["1", null, 2, "b"]);
  storage.removeItem("a");
  expect([storage.getItem("a"), storage.length]).toEqual([null, 1]);
});

test("a full storage keeps what it had, and the page the rest", () => {
  localStorage.setItem("a", "old");
  const full = new Proxy(localStorage, {
    get: (on, name) => (name === "setItem" ? forbidden : typeof on[name as "key"] === "function" ? on[name as "key"].bind(on) : on[name as "key"]),
  });
  const storage = new SafeStorage(() => full);
  storage.setItem("a", "new");
  expect([storage.getItem("a"), localStorage.getItem("a"), storage.length]).toEqual(["new", "old", 1]);
});

test("edits are kept in a page whose storage is forbidden", () => {
  const storage = new SafeStorage(forbidden);
  const outbox = push([], [node("a")], newKey);
  keep("ses", outbox, storage);
  expect(restore("ses", storage)).toEqual(outbox);
});

test.each([["/", "/s/1", "/s/1"], ["/tools/", "/tools/s/1", "/s/1"], ["/tools/", "/elsewhere", "/"], ["/tools", "/tools/", "/"]])(
  "under %s the address %s is the path %s",
  async (base, address, path) => {
    document.head.innerHTML = `<meta name="archwright-base" content="${base}">`;
    const place = await import("../place");
    expect(place.pathOf(address)).toBe(path);
    expect(place.addressOf("/s/1")).toBe(`${base.replace(/\/$/, "")}/s/1`);
  },
);

test("without a clipboard a text is copied by a field, or shown to be copied by hand", async () => {
  vi.stubGlobal("navigator", {});
  const copied: string[] = [];
  document.execCommand = () => copied.push(document.querySelector("textarea")!.value) > 0;
  await copyText("a link");
  expect([copied, document.querySelector("textarea")]).toEqual([["a link"], null]);
  const shown: unknown[] = [];
  document.execCommand = () => false;
  vi.stubGlobal("prompt", (...said: unknown[]) => { shown.push(said); return null; });
  await copyText("another");
  expect(shown).toEqual([["Copy this:", "another"]]);
});

test("a picture that cannot be copied says what to do", async () => {
  vi.stubGlobal("isSecureContext", false);
  await expect(copyPicture(Promise.resolve(new Blob()))).rejects.toThrow(NO_PICTURES);
});
