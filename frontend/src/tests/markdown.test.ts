import { afterEach, expect, test } from "vitest";
import { bodyOf, editorOn, sourceOf } from "../document/markdown";

const OURS = {
  summary: "Shop consists of 3 components with 2 connections. It is used through Web.",
  goals: "What the diagram does not say has to be agreed:\n\n- users and requests at the peak\n- how long a request may take (p99)",
  components: "| Component | Kind | Technology |\n|---|---|---|\n| Web | web | React |\n| API | service | – |\n\n**VPC** holds Web, API.\n\n**Data** holds nothing yet.",
  component: "Keeps orders.\n\n**Technology:** PostgreSQL\n\n**Used by**\n\n- API: reads_and_writes\n\n**Uses**\n\n- Disk: stores",
  flow: "1. **Web** calls **API**: asks\n2. **API** reads or writes **DB**",
  rich: "A *slanted* __bold__ ~~gone~~ `code_a` [link](https://x.example/a_b?c=d&e=f \"t\"), 2 * 3 < 4 & R&D.\n\n## Heading\n\n> quoted\n\n```python\ndef f():\n    return '\\_'\n```\n\n---\n\n* star\n* list\n  - nested\n\n1) one\n2) two",
  html: "<script>alert(1)</script>\n\nA <b>bold</b> claim and ![image](http://x.example/y.png).\n\n<div>\nblock\n</div>",
  tasks: "- [ ] to do\n- [x] done",
  references: "See [the page][1].\n\n[1]: https://x.example",
  aligned: "| A | B |\n|:--|--:|\n| x | y |",
  empty: "",
};

const open: ReturnType<typeof editorOn>[] = [];
// A view that is left looks at the page once more, when there may be none.
afterEach(() => open.splice(0).forEach((editor) => editor.destroy()));

function opened(body: string) {
  const editor = editorOn(body);
  open.push(editor);
  return { editor, source: sourceOf(editor, body) };
}

test.each(Object.entries(OURS))("a text goes through the rich editor and comes back the same: %s", (_, body) => {
  const { editor, source } = opened(body);
  expect(bodyOf(editor, source)).toBe(body);
});

test.each(Object.entries(OURS))("what a person types changes its own block alone: %s", (_, body) => {
  const { editor, source } = opened(body);
  editor.chain().insertContentAt(editor.state.doc.content.size, { type: "paragraph", content: [{ type: "text", text: "New & true." }] }).run();
  const blocks = body.split("\n\n[1]: ");
  expect(bodyOf(editor, source)).toBe([blocks[0], "New & true.", blocks[1] && `[1]: ${blocks[1]}`].filter(Boolean).join("\n\n"));
});

test("what a person makes in the rich editor is markdown", () => {
  const { editor, source } = opened("Words");
  editor.chain().selectAll().toggleBold().run();
  expect(bodyOf(editor, source)).toBe("**Words**");
  editor.chain().selectAll().unsetAllMarks().toggleBulletList().run();
  expect(bodyOf(editor, source)).toBe("- Words");
  editor.chain().setTextSelection({ from: 3, to: 8 }).toggleBulletList().setLink({ href: "https://x.example" }).run();
  expect(bodyOf(editor, source)).toBe("[Words](https://x.example)");
});

test("signs that mean themselves are not escaped, and those that would mean more are", () => {
  const { editor, source } = opened("");
  editor.commands.insertContent({ type: "text", text: "a_b R&D 1 < 2 > 0, 2 * 3, *not slanted* <b> &amp; #1" });
  const body = bodyOf(editor, source);
  expect(body).toBe("a_b R&D 1 < 2 > 0, 2 * 3, \\*not slanted\\* &lt;b> &amp;amp; #1");
  expect(opened(body).editor.getText()).toBe(editor.getText());
});

test("a link that would run something is no link", () => {
  const { editor } = opened("[x](javascript:alert(1)) [y](https://ok.example)");
  expect(editor.getHTML()).not.toContain("javascript:");
  expect(editor.getHTML()).toContain('href="https://ok.example"');
});
