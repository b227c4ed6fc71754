import { expect, test } from "vitest";
import { assumptions } from "../editor/assumptions";
import type { Op } from "../editor/diagram";
import { diagram, node } from "./samples";

const section = (slug: string, title: string, body: string, position: number): Op => ({ op: "set_section", slug, title, body, position });

test("assumptions are told from their sections, in their order, with the nodes that are there", () => {
  const shown = diagram(
    node("api"), node("db"),
    section("summary", "Summary", "No assumption.", 1),
    section("assumption-region", "Region", "One region, `eu-central-1`.", 9002),
    section("assumption-peak-load", "Peak load", "10,000 requests a second.\n\n**Rests on it:** `api`, `db`, `gone`, `api`", 9001),
  );
  expect(assumptions(shown)).toEqual([
    { id: "assumption-peak-load", topic: "Peak load", text: "10,000 requests a second.", restsOn: ["api", "db"] },
    { id: "assumption-region", topic: "Region", text: "One region, `eu-central-1`.", restsOn: [] },
  ]);
});
