/** The keyboard, for the whole editor. Copy, cut and paste are events of their own, so that what was copied last counts. */

import { useEffect } from "react";
import { viewing } from "../api/identity";
import { type Actions, useActions } from "./actions";
import { useUi } from "./store";

const typing = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

const HELD: Record<string, (actions: Actions, shift: boolean) => void> = {
  z: (actions, shift) => (shift ? actions.redo() : actions.undo()),
  y: (actions) => actions.redo(),
  d: (actions) => actions.duplicate(),
  g: (actions, shift) => (shift ? actions.ungroup() : actions.group()),
  a: (actions) => actions.selectAll(),
};

export function useKeys(): void {
  const actions = useActions();
  useEffect(() => {
    const press = (event: KeyboardEvent) => pressed(actions, event);
    const clip = (event: ClipboardEvent) => clipped(actions, event);
    window.addEventListener("keydown", press);
    for (const kind of CLIPS) window.addEventListener(kind, clip);
    return () => {
      window.removeEventListener("keydown", press);
      for (const kind of CLIPS) window.removeEventListener(kind, clip);
    };
  }, [actions]);
}

function pressed(actions: Actions, event: KeyboardEvent): void {
  const held = event.ctrlKey || event.metaKey;
  const key = event.key.toLowerCase();
  const ui = useUi.getState();
  if (held && key === "k") {
    event.preventDefault();
    ui.set({ commands: !ui.commands });
    return;
  }
  if (typing(event.target) || ui.commands || event.defaultPrevented) return;
  if (key === "escape") leave();
  if (ui.past !== null || viewing) return;
  const act = held ? HELD[key] : undefined;
  if (act) {
    event.preventDefault();
    act(actions, event.shiftKey);
  } else if (key === "delete" || key === "backspace") {
    if (ui.selected.size > 0) actions.remove();
  } else if (key === "f2" && ui.selected.size === 1) {
    ui.set({ renaming: [...ui.selected][0]! });
  }
}

/** Escape leaves a past version that is being looked at, else the selection. */
function leave(): void {
  const ui = useUi.getState();
  if (ui.past !== null) ui.set({ past: null });
  else ui.select([]);
}

const CLIPS = ["copy", "cut", "paste"] as const;

/** Nodes are copied, cut and pasted where no text is: a field, or a selection on the page, keeps the browser's way. */
function clipped(actions: Actions, event: ClipboardEvent): void {
  const ui = useUi.getState();
  const data = event.clipboardData;
  if (data === null || typing(event.target) || ui.commands || event.defaultPrevented) return;
  const mayEdit = ui.past === null && !viewing;
  if (event.type === "paste") {
    if (mayEdit) actions.pasteFrom(data);
  } else if (!String(getSelection()) && (event.type === "copy" || mayEdit)) {
    if (!actions.copyTo(data)) return;
    event.preventDefault();
    if (event.type === "cut") actions.remove();
  }
}
