/** A section's text as it will look, with a bar for what markdown can say. A chunk of its own: it loads when asked for. */

import type { Editor } from "@tiptap/core";
import { Bold, Braces, Code, Heading2, Italic, Link2, List, ListOrdered, Table } from "lucide-react";
import { type ReactNode, useEffect, useReducer, useRef, useState } from "react";
import { Button, IconButton, INPUT } from "../ui/parts";
import { bodyOf, editorOn, sourceOf } from "./markdown";

export default function RichText({ body, onChange }: { body: string; onChange(body: string): void }) {
  const place = useRef<HTMLDivElement>(null);
  const changed = useRef(onChange);
  changed.current = onChange;
  const [editor, setEditor] = useState<Editor | null>(null);
  useEffect(() => {
    const made = editorOn(body, {
      element: place.current!, autofocus: "start",
      editorProps: {
        attributes: { role: "textbox", "aria-multiline": "true", "aria-label": "Section text", class: "words rich" },
        handleKeyDown: (_, event) => event.key === "Enter" && (event.ctrlKey || event.metaKey),
      },
    });
    const source = sourceOf(made, body);
    made.on("update", () => changed.current(bodyOf(made, source)));
    setEditor(made);
    return () => made.destroy();
  }, []);
  return (
    <div className="rounded-lg border border-border bg-canvas focus-within:border-accent">
      {editor && <Tools editor={editor} />}
      <div ref={place} className="max-h-[28rem] overflow-y-auto px-3 py-2 text-sm leading-6" />
    </div>
  );
}

type Act = (chain: ReturnType<Editor["chain"]>) => ReturnType<Editor["chain"]>;
const TOOLS: readonly { label: string; icon: ReactNode; on: string | [string, object]; act: Act }[] = [
  { label: "Bold (Ctrl+B)", icon: <Bold size={15} aria-hidden />, on: "bold", act: (chain) => chain.toggleBold() },
  { label: "Italic (Ctrl+I)", icon: <Italic size={15} aria-hidden />, on: "italic", act: (chain) => chain.toggleItalic() },
  { label: "Code (Ctrl+E)", icon: <Code size={15} aria-hidden />, on: "code", act: (chain) => chain.toggleCode() },
  { label: "Heading", icon: <Heading2 size={16} aria-hidden />, on: ["heading", { level: 3 }], act: (chain) => chain.toggleHeading({ level: 3 }) },
  { label: "Bulleted list", icon: <List size={16} aria-hidden />, on: "bulletList", act: (chain) => chain.toggleBulletList() },
  { label: "Numbered list", icon: <ListOrdered size={16} aria-hidden />, on: "orderedList", act: (chain) => chain.toggleOrderedList() },
  { label: "Code block", icon: <Braces size={15} aria-hidden />, on: "codeBlock", act: (chain) => chain.toggleCodeBlock() },
  { label: "Table", icon: <Table size={15} aria-hidden />, on: "table", act: (chain) => chain.insertTable({ rows: 3, cols: 3, withHeaderRow: true }) },
];
const IN_TABLE: readonly { label: string; act: Act }[] = [
  { label: "Add a row", act: (chain) => chain.addRowAfter() },
  { label: "Add a column", act: (chain) => chain.addColumnAfter() },
  { label: "Remove the row", act: (chain) => chain.deleteRow() },
  { label: "Remove the column", act: (chain) => chain.deleteColumn() },
  { label: "Remove the table", act: (chain) => chain.deleteTable() },
];

function Tools({ editor }: { editor: Editor }) {
  const [, draw] = useReducer((count: number) => count + 1, 0);
  const [linking, setLinking] = useState(false);
  useEffect(() => {
    editor.on("transaction", draw);
    return () => void editor.off("transaction", draw);
  }, [editor]);
  const inTable = editor.isActive("table");
  return (
    <div className="border-b border-border p-1">
      <div role="toolbar" aria-label="Text" className="flex flex-wrap gap-0.5">
        {TOOLS.map(({ label, icon, on, act }) => (
          <IconButton key={label} label={label} pressed={typeof on === "string" ? editor.isActive(on) : editor.isActive(...on)} disabled={label === "Table" && inTable}
            onMouseDown={(event) => event.preventDefault()} onClick={() => act(editor.chain().focus()).run()}>{icon}</IconButton>
        ))}
        <IconButton label="Link" pressed={editor.isActive("link")} onClick={() => setLinking(!linking)}><Link2 size={16} aria-hidden /></IconButton>
      </div>
      {inTable && <div role="toolbar" aria-label="Table" className="flex flex-wrap gap-1 p-1">
        {IN_TABLE.map(({ label, act }) => <Button key={label} className="px-2! py-0.5! text-xs!" onClick={() => act(editor.chain().focus()).run()}>{label}</Button>)}
      </div>}
      {linking && <LinkField editor={editor} onDone={() => setLinking(false)} />}
    </div>
  );
}

function LinkField({ editor, onDone }: { editor: Editor; onDone(): void }) {
  const [address, setAddress] = useState(String(editor.getAttributes("link")["href"] ?? "https://"));
  const use = () => {
    const chain = editor.chain().focus().extendMarkRange("link");
    if (!/^(?:https?:\/\/|mailto:)./i.test(address.trim())) chain.unsetLink().run();
    else if (editor.state.selection.empty && !editor.isActive("link")) chain.insertContent({ type: "text", text: address.trim(), marks: [{ type: "link", attrs: { href: address.trim() } }] }).run();
    else chain.setLink({ href: address.trim() }).run();
    onDone();
  };
  return (
    <div className="flex items-center gap-1 p-1">
      <input aria-label="Address of the link" type="url" value={address} autoFocus className={INPUT} onChange={(event) => setAddress(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== "Enter" && event.key !== "Escape") return;
          event.preventDefault();
          event.stopPropagation();
          if (event.key === "Enter") use();
          else onDone();
        }} />
      <Button onClick={use}>Set</Button>
    </div>
  );
}
