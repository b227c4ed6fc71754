/** What the page shows and the server need not know: selection, panels, theme. */

import { create } from "zustand";
import { viewing } from "../api/identity";
import type { Edge, Node } from "./diagram";

export type Panel = "chat" | "inspect" | "document" | "history" | "outline";
export type Theme = "system" | "light" | "dark";
export interface Clipboard { nodes: Node[]; edges: Edge[] }

interface Ui {
  selected: ReadonlySet<string>;
  collapsed: ReadonlySet<string>;
  moving: ReadonlySet<string>;
  panel: Panel;
  panelOpen: boolean;
  palette: boolean;
  commands: boolean;
  renaming: string | null;
  past: number | null;
  theme: Theme;
  notices: { id: number; text: string }[];
  select(ids: Iterable<string>): void;
  show(panel: Panel): void;
  set(changed: Partial<Pick<Ui, "panelOpen" | "palette" | "commands" | "renaming" | "past" | "moving">>): void;
  toggleCollapsed(id: string): void;
  setTheme(theme: Theme): void;
  tell(text: string): void;
  forget(id: number): void;
}

const THEME = "archwright:theme";
let notices = 0;

export const useUi = create<Ui>((set) => ({
  selected: new Set(),
  collapsed: new Set(),
  moving: new Set(),
  panel: viewing ? "outline" : "chat",
  panelOpen: true,
  palette: false,
  commands: false,
  renaming: null,
  past: null,
  theme: (localStorage.getItem(THEME) as Theme | null) ?? "system",
  notices: [],
  select: (ids) => set((ui) => {
    const selected = new Set(ids);
    const same = selected.size === ui.selected.size && [...selected].every((id) => ui.selected.has(id));
    return same ? ui : { selected };
  }),
  show: (panel) => set({ panel, panelOpen: true }),
  set: (changed) => set(changed),
  toggleCollapsed: (id) => set((ui) => {
    const collapsed = new Set(ui.collapsed);
    if (!collapsed.delete(id)) collapsed.add(id);
    return { collapsed };
  }),
  setTheme: (theme) => {
    localStorage.setItem(THEME, theme);
    set({ theme });
  },
  tell: (text) => set((ui) => ({ notices: [...ui.notices.slice(-3), { id: ++notices, text }] })),
  forget: (id) => set((ui) => ({ notices: ui.notices.filter((notice) => notice.id !== id) })),
}));

/** Forget what belongs to a session that is left. */
export function leaveSession(): void {
  useUi.setState({
    selected: new Set(), collapsed: new Set(), moving: new Set(), renaming: null, past: null, commands: false, palette: false,
    panel: "chat",
  });
}
