/** The keyboard, for the whole editor. */

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
  c: (actions) => actions.copy(),
  x: (actions) => { actions.copy(); actions.remove(); },
  v: (actions) => void actions.paste(),
  g: (actions, shift) => (shift ? actions.ungroup() : actions.group()),
  a: (actions) => actions.selectAll(),
};

export function useKeys(): void {
  const actions = useActions();
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const held = event.ctrlKey || event.metaKey;
      const key = event.key.toLowerCase();
      const ui = useUi.getState();
      if (held && key === "k") {
        event.preventDefault();
        ui.set({ commands: !ui.commands });
        return;
      }
      if (typing(event.target) || ui.commands || ui.past !== null || viewing) return;
      if (held && key === "c" && String(getSelection())) return;
      const act = held ? HELD[key] : undefined;
      if (act) {
        event.preventDefault();
        act(actions, event.shiftKey);
      } else if (key === "delete" || key === "backspace") {
        if (ui.selected.size > 0) actions.remove();
      } else if (key === "f2" && ui.selected.size === 1) {
        ui.set({ renaming: [...ui.selected][0]! });
      } else if (key === "escape") {
        ui.select([]);
      }
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, [actions]);
}
