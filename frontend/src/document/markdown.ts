/** Markdown as the rich editor reads and writes it. Of a text that a person edits, the blocks that they left alone stay
 *  letter for letter; what is HTML or an image in it is text, as it is wherever a section is shown. */

import { Editor, type JSONContent } from "@tiptap/core";
import { TaskItem, TaskList } from "@tiptap/extension-list";
import { TableKit } from "@tiptap/extension-table";
import { Markdown } from "@tiptap/markdown";
import StarterKit from "@tiptap/starter-kit";
import { Marked, Tokenizer } from "marked";

const asText = new Marked({
  tokenizer: {
    html(source) {
      const found = Tokenizer.prototype.html.call(this, source);
      if (!found) return undefined;
      const text = found.raw.trimEnd();
      return { type: "paragraph", raw: found.raw, text, tokens: this.lexer.inline(text) } as never;
    },
    tag: () => undefined,
    link: (source) => (source.startsWith("!") ? undefined : false),
    reflink: (source) => (source.startsWith("!") ? undefined : false),
  },
});

/** An editor on a text, without a place on the page yet. */
export function editorOn(body: string, options: Partial<Editor["options"]> = {}): Editor {
  return new Editor({
    ...options, content: body, contentType: "markdown",
    extensions: [
      StarterKit.configure({ underline: false, link: { openOnClick: false, protocols: ["https", "http", "mailto"] } }),
      TableKit, TaskList, TaskItem.configure({ nested: true }),
      Markdown.configure({ marked: asText as never }),
    ],
  });
}

/** Each block of a text by how the editor would write it, and where its references lead. */
export interface Source { written: ReadonlyMap<string, string>; definitions: string }

/** Made once, when editing begins. */
export function sourceOf(editor: Editor, body: string): Source {
  const tokens = editor.markdown!.instance.lexer(body);
  const raw = (definition: boolean) => tokens.filter((token) => (token.type === "def") === definition).map((token) => token.raw.trim());
  const definitions = raw(true).join("\n");
  const written = new Map<string, string>();
  for (const block of raw(false).filter(Boolean)) {
    for (const read of editor.markdown!.parse(`${block}\n\n${definitions}`).content ?? []) written.set(asMarkdown(editor, read), block);
  }
  return { written, definitions };
}

/** The text in the editor; blocks that are as they were come from the source. */
export function bodyOf(editor: Editor, source: Source): string {
  const blocks = (editor.getJSON().content ?? []).map((block) => asMarkdown(editor, block)).filter((block) => block !== "");
  return [...blocks.map((block) => source.written.get(block) ?? block), source.definitions].filter((part) => part !== "").join("\n\n");
}

function asMarkdown(editor: Editor, block: JSONContent): string {
  const text = editor.markdown!.serialize({ type: "doc", content: [block] }).replace(/^\n+|\s+$/g, "");
  return text.includes("```") ? text : text.split(/(`+[^`]*`+)/).map((part, at) => (at % 2 ? part : plainer(part))).join("");
}

/** The text without escapes that say nothing: of signs that would be read as themselves where they stand. */
function plainer(text: string): string {
  return text
    .replace(/&lt;(?![A-Za-z/!?])/g, "<").replace(/(?<=\S[^\n]*)&gt;/g, ">").replace(/&amp;(?!#?\w+;)/g, "&")
    .replace(/(?<=[A-Za-z0-9])\\_(?=[A-Za-z0-9])/g, "_").replace(/(?<= )\\\*(?= )/g, "*");
}
