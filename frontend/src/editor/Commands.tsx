/** Search over nodes and commands, by keyboard. */

import { useMemo, useState } from "react";
import { KindIcon } from "../ui/kinds";
import { Dialog } from "../ui/parts";
import { type Actions, useActions } from "./actions";
import { useLive } from "./context";
import type { Node } from "./diagram";
import { useUi } from "./store";

interface Command { name: string; hint: string; node?: Node; act(): void }
const SHOWN = 30;

export function Commands() {
  const { commands, set } = useUi();
  return <Dialog title="Search" open={commands} onClose={() => set({ commands: false })}><Find /></Dialog>;
}

function listed(actions: Actions): Command[] {
  const ui = useUi.getState();
  return [
    { name: "Undo", hint: "Ctrl+Z", act: actions.undo },
    { name: "Redo", hint: "Ctrl+Shift+Z", act: actions.redo },
    { name: "Tidy up, left to right", hint: "", act: actions.tidy },
    { name: "Tidy up, top to bottom", hint: "", act: actions.tidyDown },
    { name: "Fit the view", hint: "", act: actions.fit },
    { name: "Add components", hint: "", act: () => ui.set({ palette: true }) },
    { name: "Group the selection", hint: "Ctrl+G", act: actions.group },
    { name: "Duplicate the selection", hint: "Ctrl+D", act: actions.duplicate },
    { name: "Align the selection left", hint: "", act: () => actions.align("left") },
    { name: "Align the selection at the top", hint: "", act: () => actions.align("top") },
    { name: "Arrange the selection in a row", hint: "", act: () => actions.align("row") },
    { name: "Arrange the selection in a column", hint: "", act: () => actions.align("column") },
    { name: "Select everything", hint: "Ctrl+A", act: actions.selectAll },
    { name: "Show the conversation", hint: "", act: () => ui.show("chat") },
    { name: "Show the properties", hint: "", act: () => ui.show("inspect") },
    { name: "Show the assumptions", hint: "", act: () => ui.show("assumptions") },
    { name: "Show the design document", hint: "", act: () => ui.show("document") },
    { name: "Show the outline", hint: "", act: () => ui.show("outline") },
    { name: "Show the history", hint: "", act: () => ui.show("history") },
    { name: "Copy as image", hint: "", act: actions.copyImage },
    { name: "Copy as Mermaid", hint: "", act: actions.copyMermaid },
  ];
}

function Find() {
  const actions = useActions();
  const diagram = useLive((live) => live.diagram);
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const found = useMemo(() => {
    const wanted = text.toLowerCase().split(/\s+/).filter(Boolean);
    const fits = (said: string) => wanted.every((word) => said.toLowerCase().includes(word));
    const nodes = [...diagram.nodes.values()]
      .filter((node) => wanted.length > 0 && fits(`${node.label} ${node.technology} ${node.type} ${node.id}`))
      .map((node): Command => ({ name: node.label, hint: node.technology || node.type, node, act: () => actions.find(node.id) }));
    return [...nodes, ...listed(actions).filter((command) => fits(command.name))].slice(0, SHOWN);
  }, [text, diagram, actions]);
  const run = (command: Command | undefined) => {
    useUi.getState().set({ commands: false });
    command?.act();
  };
  const keys = (event: React.KeyboardEvent) => {
    if (event.key === "ArrowDown") setAt((now) => Math.min(now + 1, found.length - 1));
    else if (event.key === "ArrowUp") setAt((now) => Math.max(now - 1, 0));
    else if (event.key === "Enter") run(found[at]);
    else return;
    event.preventDefault();
  };
  return (
    <>
      <input autoFocus role="combobox" aria-expanded aria-controls="found" aria-activedescendant={`found-${at}`} aria-label="Search nodes and commands"
        value={text} onChange={(event) => { setText(event.target.value); setAt(0); }} onKeyDown={keys} placeholder="Search nodes and commands …"
        className="w-full border-b border-border bg-transparent px-4 py-3 outline-none placeholder:text-muted" />
      <ul id="found" role="listbox" aria-label="Found" className="overflow-y-auto p-1.5">
        {found.map((command, index) => (
          <li key={`${command.name}-${index}`} id={`found-${index}`} role="option" aria-selected={index === at} onMouseMove={() => setAt(index)} onClick={() => run(command)}
            className={`flex cursor-pointer items-center justify-between gap-4 rounded-lg px-3 py-2 ${index === at ? "bg-shade" : ""}`}>
            <span className="flex min-w-0 items-center gap-2">{command.node && <KindIcon type={command.node.type} />}<span className="truncate">{command.name}</span></span>
            <span className="shrink-0 text-xs text-muted">{command.hint}</span>
          </li>
        ))}
        {found.length === 0 && <li className="px-3 py-2 text-muted">Nothing is called so.</li>}
      </ul>
    </>
  );
}
