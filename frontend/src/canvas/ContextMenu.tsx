/** What can be done with what was clicked. */

import { useEffect, useRef } from "react";
import { useActions } from "../editor/actions";
import { showSection } from "../document/jump";
import { useLive, useOpen } from "../editor/context";
import type { Point } from "../editor/diagram";
import { useUi } from "../editor/store";
import { addNode } from "./toOps";

export interface Place { x: number; y: number; id: string | null; at: Point }

export function ContextMenu({ place, onClose }: { place: Place; onClose(): void }) {
  const menu = useRef<HTMLDivElement>(null);
  const actions = useActions();
  const { session } = useOpen();
  const diagram = useLive((live) => live.diagram);
  const node = place.id === null ? undefined : diagram.nodes.get(place.id);
  useEffect(() => {
    menu.current?.querySelector("button")?.focus();
    const close = (event: Event) => { if (!menu.current?.contains(event.target as globalThis.Node)) onClose(); };
    document.addEventListener("pointerdown", close);
    return () => document.removeEventListener("pointerdown", close);
  }, [onClose]);
  const some = place.id !== null;
  const items: [string, () => void][] = some
    ? [
        ...(node ? [["Ask about this", () => useUi.getState().show("chat")] as [string, () => void]] : []),
        ["Properties", () => useUi.getState().show("inspect")],
        ...(node && node.type !== "group" ? [["Its section in the document", () => showSection(diagram, node.id)] as [string, () => void]] : []),
        ["Rename", () => useUi.getState().set({ renaming: place.id })],
        ...(node ? ([["Duplicate", actions.duplicate], ["Copy", actions.copy], ["Group", actions.group]] as [string, () => void][]) : []),
        ...(node?.type === "group" ? [["Ungroup", actions.ungroup] as [string, () => void]] : []),
        ["Delete", actions.remove],
      ]
    : [
        ["Add a component here", () => session.edit(addNode(diagram, "service", "New service", "", place.at))],
        ["Add a group here", () => session.edit(addNode(diagram, "group", "Group", "", place.at))],
        ["Paste", actions.paste],
        ["Tidy up", actions.tidy],
        ["Fit the view", actions.fit],
      ];
  const keys = (event: React.KeyboardEvent) => {
    const buttons = [...(menu.current?.querySelectorAll("button") ?? [])];
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
    if (event.key === "Escape") {
      event.stopPropagation();
      onClose();
    }
    if (event.key === "ArrowDown") buttons[(at + 1) % buttons.length]?.focus();
    if (event.key === "ArrowUp") buttons[(at - 1 + buttons.length) % buttons.length]?.focus();
  };
  return (
    <div ref={menu} role="menu" aria-label="Actions" onKeyDown={keys} style={{ left: Math.min(place.x, innerWidth - 190), top: Math.min(place.y, innerHeight - 280) }}
      className="fixed z-50 min-w-44 rounded-lg border border-border bg-panel p-1 text-sm shadow-xl">
      {items.map(([label, act]) => (
        <button key={label} type="button" role="menuitem" className={`block w-full rounded px-2 py-1.5 text-left hover:bg-shade focus:bg-shade ${label === "Delete" ? "text-bad" : ""}`}
          onClick={() => { onClose(); act(); }}>
          {label}
        </button>
      ))}
    </div>
  );
}
