/** What the page shows and the server need not know: selection, panels, theme. */

import { create } from "zustand";
import { viewing } from "../api/identity";
import type { Edge, Node } from "./diagram";
import { local } from "../storage";

export type Panel = "chat" | "inspect" | "assumptions" | "document" | "history" | "outline";
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
  /** The node that is pointed at from a list, and those that the agent would delete. */
  pointed: string | null;
  doomed: ReadonlySet<string>;
  /** The assumption that was asked for last. */
  assumption: string | null;
  theme: Theme;
  /** US dollars from which on a plan waits for approval; null is never. */
  approveAbove: number | null;
  notices: { id: number; text: string }[];
  select(ids: Iterable<string>): void;
  show(panel: Panel): void;
  set(changed: Partial<Pick<Ui, "panelOpen" | "palette" | "commands" | "renaming" | "past" | "moving" | "pointed" | "doomed" | "assumption">>): void;
  toggleCollapsed(id: string): void;
  setTheme(theme: Theme): void;
  setApproveAbove(amount: number | null): void;
  tell(text: string): void;
  forget(id: number): void;
}

const THEME = "archwright:theme";
const APPROVE_ABOVE = "archwright:approve-above-usd";
let notices = 0;

function kept(name: string): number | null {
  const value = local.getItem(name);
  return value !== null && Number(value) >= 0 ? Number(value) : null;
}

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
  pointed: null,
  doomed: new Set(),
  assumption: null,
  approveAbove: kept(APPROVE_ABOVE),
  theme: (local.getItem(THEME) as Theme | null) ?? "system",
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
    local.setItem(THEME, theme);
    set({ theme });
  },
  setApproveAbove: (approveAbove) => {
    if (approveAbove === null) local.removeItem(APPROVE_ABOVE);
    else local.setItem(APPROVE_ABOVE, String(approveAbove));
    set({ approveAbove });
  },
  tell: (text) => set((ui) => ({ notices: [...ui.notices.slice(-3), { id: ++notices, text }] })),
  forget: (id) => set((ui) => ({ notices: ui.notices.filter((notice) => notice.id !== id) })),
}));

/** Forget what belongs to a session that is left. */
export function leaveSession(): void {
  useUi.setState({
    selected: new Set(), collapsed: new Set(), moving: new Set(), renaming: null, past: null, commands: false, palette: false,
    pointed: null, doomed: new Set(), assumption: null, panel: "chat",
  });
}
