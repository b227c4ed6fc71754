/** The bar at the top: name, state, and what acts on the whole diagram. */

import {
  ArrowLeft, Download, LayoutGrid, Maximize, PanelRightOpen, Plus, Redo2, Search, Undo2, ZoomIn, ZoomOut,
} from "lucide-react";
import { useState } from "react";
import { viewing } from "../api/identity";
import { go } from "../router";
import { type Choice, Dropdown, IconButton } from "../ui/parts";
import { ThemeChoice } from "../ui/ThemeChoice";
import { type Actions, useActions } from "./actions";
import { useLive, useOpen } from "./context";
import { useUi } from "./store";

export function Toolbar() {
  const actions = useActions();
  const { palette, panelOpen, set, past } = useUi();
  return (
    <header className="flex flex-wrap items-center gap-1 border-b border-border bg-panel px-2 py-1.5">
      {!viewing && <IconButton label="To the start page" onClick={() => go("/")}><ArrowLeft size={17} aria-hidden /></IconButton>}
      <Title />
      <State />
      <span className="flex-1" />
      <div role="toolbar" aria-label="Diagram" className="flex flex-wrap items-center gap-0.5">
        {!viewing && <><IconButton label="Add components" pressed={palette} onClick={() => set({ palette: !palette })}><Plus size={17} aria-hidden /></IconButton>
        <IconButton label="Undo (Ctrl+Z)" disabled={past !== null} onClick={actions.undo}><Undo2 size={17} aria-hidden /></IconButton>
        <IconButton label="Redo (Ctrl+Shift+Z)" disabled={past !== null} onClick={actions.redo}><Redo2 size={17} aria-hidden /></IconButton>
        <Dropdown label="Tidy up" trigger={<IconButton label="Tidy up" disabled={past !== null}><LayoutGrid size={17} aria-hidden /></IconButton>}
          choices={[{ label: "Left to right", onSelect: actions.tidy }, { label: "Top to bottom", onSelect: actions.tidyDown }]} /></>}
        <span className="flex max-sm:hidden">
          <IconButton label="Zoom out" onClick={actions.zoomOut}><ZoomOut size={17} aria-hidden /></IconButton>
          <IconButton label="Zoom in" onClick={actions.zoomIn}><ZoomIn size={17} aria-hidden /></IconButton>
        </span>
        <IconButton label="Fit the view" onClick={actions.fit}><Maximize size={16} aria-hidden /></IconButton>
        <IconButton label="Search (Ctrl+K)" onClick={() => set({ commands: true })}><Search size={17} aria-hidden /></IconButton>
        <Export actions={actions} />
        <ThemeChoice />
        {!panelOpen && <IconButton label="Open the panel" onClick={() => set({ panelOpen: true })}><PanelRightOpen size={17} aria-hidden /></IconButton>}
      </div>
    </header>
  );
}

function Title() {
  const { session } = useOpen();
  const title = useLive((live) => live.diagram.title);
  const [draft, setDraft] = useState<string | null>(null);
  const save = () => {
    const wanted = draft?.trim();
    if (wanted && wanted !== title) session.edit([{ op: "set_title", title: wanted }]);
    setDraft(null);
  };
  return (
    <h1 className="min-w-0">
      <input aria-label="Title" readOnly={viewing} value={draft ?? title} maxLength={200} onChange={(event) => setDraft(event.target.value)} onBlur={save}
        onKeyDown={(event) => { if (event.key === "Enter") event.currentTarget.blur(); if (event.key === "Escape") setDraft(null); event.stopPropagation(); }}
        className="w-64 max-w-[46vw] truncate rounded-md border border-transparent bg-transparent px-1.5 py-1 text-sm font-semibold hover:border-border focus:border-accent" />
    </h1>
  );
}

const WORDS = { connecting: "Connecting …", online: "Saved", offline: "Offline: edits are kept here and sent later", gone: "" } as const;

function State() {
  const line = useLive((live) => live.line);
  const unsaved = useLive((live) => live.unsaved);
  const text = viewing && line === "online" ? "View only" : line === "online" && unsaved > 0 ? "Saving …" : line === "offline" && unsaved > 0 ? `Offline: ${unsaved} not yet saved` : WORDS[line];
  const colour = line === "offline" ? "bg-warn" : line === "online" ? "bg-good" : "bg-muted";
  return (
    <span role="status" aria-label="Connection" className="flex items-center gap-1.5 whitespace-nowrap text-xs text-muted">
      <span className={`size-2 rounded-full ${colour}`} aria-hidden />{text}
    </span>
  );
}

function Export({ actions }: { actions: Actions }) {
  const save = (format: string): Choice => ({
    label: { svg: "SVG", png: "PNG", mermaid: "Mermaid", json: "JSON", markdown: "Markdown, with the document", html: "HTML, with the document", pdf: "PDF, with the document" }[format] ?? format,
    onSelect: () => actions.save(format),
  });
  const share: (Choice | "line")[] = viewing ? [] : ["line", { label: "Copy a link to look at it", onSelect: actions.share }];
  return (
    <Dropdown label="Export" trigger={<IconButton label="Export"><Download size={17} aria-hidden /></IconButton>}
      choices={[...["svg", "png", "mermaid", "json", "markdown", "html", "pdf"].map(save), "line",
        { label: "Copy as image", onSelect: actions.copyImage }, { label: "Copy as Mermaid", onSelect: actions.copyMermaid }, ...share]} />
  );
}
