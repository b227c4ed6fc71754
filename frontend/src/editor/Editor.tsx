/** The page of one session. */

import { useQueryClient } from "@tanstack/react-query";
import { ReactFlowProvider } from "@xyflow/react";
import { FileText, History as Clock, Lightbulb, ListTree, MessageSquare, PanelRightClose, SlidersHorizontal } from "lucide-react";
import { lazy, type ReactNode, useEffect, useMemo } from "react";
import { viewing } from "../api/identity";
import { Canvas } from "../canvas/Canvas";
import { Chat } from "../chat/Chat";
import { Document } from "../document/Document";
import { UpToDate } from "../document/upToDate";
import { go } from "../router";
import { Later } from "../ui/Later";
import { Button, IconButton } from "../ui/parts";
import { assumptions } from "./assumptions";
import { Commands } from "./Commands";
import { OpenSession, useLive, useOpen, useShown } from "./context";
import { History } from "./History";
import { Inspector } from "./Inspector";
import { useKeys } from "./keys";
import { LiveSession } from "./live";
import { MarksBar } from "./MarksBar";
import { Outline, SpokenOutline } from "./Outline";
import { Palette } from "./Palette";
import { leaveSession, type Panel, useUi } from "./store";
import { Toolbar } from "./Toolbar";

const Assumptions = lazy(() => import("./Assumptions"));

export default function Editor({ id }: { id: string }) {
  const cache = useQueryClient();
  const session = useMemo(() => new LiveSession(id, cache, useUi.getState().tell), [id, cache]);
  useEffect(() => {
    const stop = session.start();
    return () => {
      stop();
      leaveSession();
    };
  }, [session]);
  const open = useMemo(() => ({ id, session }), [id, session]);
  return (
    <OpenSession value={open}>
      <ReactFlowProvider>
        <Workspace />
      </ReactFlowProvider>
    </OpenSession>
  );
}

function Workspace() {
  const { palette, panelOpen } = useUi();
  const line = useLive((live) => live.line);
  const title = useLive((live) => live.diagram.title);
  useKeys();
  useEffect(() => {
    document.title = title ? `${title} · Archwright` : "Archwright";
    return () => { document.title = "Archwright"; };
  }, [title]);
  if (line === "gone") return <Gone />;
  return (
    <div className="flex h-full flex-col">
      <Toolbar />
      <div className="flex min-h-0 flex-1 max-md:flex-col">
        {palette && <Palette />}
        <main className="relative min-h-0 min-w-0 flex-1" aria-label="Canvas">
          <Canvas />
          <PastBar />
          <MarksBar />
        </main>
        {panelOpen && <Side />}
      </div>
      <SpokenOutline />
      <Commands />
      <UpToDate />
    </div>
  );
}

const PANELS: readonly { panel: Panel; label: string; icon: ReactNode; view: () => ReactNode }[] = [
  { panel: "chat", label: "Conversation", icon: <MessageSquare size={16} aria-hidden />, view: () => <Chat /> },
  { panel: "inspect", label: "Properties", icon: <SlidersHorizontal size={16} aria-hidden />, view: () => <Inspector /> },
  { panel: "assumptions", label: "Assumptions", icon: <Lightbulb size={16} aria-hidden />, view: () => <Later><Assumptions /></Later> },
  { panel: "document", label: "Design document", icon: <FileText size={16} aria-hidden />, view: () => <Document /> },
  { panel: "outline", label: "Outline", icon: <ListTree size={16} aria-hidden />, view: () => <Outline /> },
  { panel: "history", label: "History", icon: <Clock size={16} aria-hidden />, view: () => <History /> },
];

const SEEN_BY_ALL: ReadonlySet<Panel> = new Set(["outline", "document", "assumptions"]);

function PanelButton({ panel, label, icon, shown }: { panel: Panel; label: string; icon: ReactNode; shown: boolean }) {
  const { diagram } = useShown();
  const assumed = useMemo(() => (panel === "assumptions" ? assumptions(diagram).length : 0), [panel, diagram]);
  return (
    <IconButton label={assumed > 0 ? `${label} (${assumed})` : label} pressed={shown} className="relative" onClick={() => useUi.getState().show(panel)}>
      {icon}
      {assumed > 0 && <span data-count={assumed} className="absolute -right-0.5 -top-0.5 min-w-4 rounded-full bg-accent px-1 text-[10px] leading-4 text-accent-text before:content-[attr(data-count)]" />}
    </IconButton>
  );
}

function Side() {
  const { panel, set } = useUi();
  const shown = PANELS.find((one) => one.panel === panel)!;
  return (
    <aside aria-label={shown.label} className={`flex shrink-0 ${panel === "document" ? "w-[34rem]" : "w-[22rem]"} flex-col border-l border-border bg-panel max-md:h-[46%] max-md:w-full max-md:border-l-0 max-md:border-t`}>
      <div className="flex items-center gap-1 border-b border-border px-2 py-1.5">
        <div role="group" aria-label="Panels" className="flex flex-1 gap-1">
          {PANELS.filter((one) => !viewing || SEEN_BY_ALL.has(one.panel)).map((one) => (
            <PanelButton key={one.panel} panel={one.panel} label={one.label} icon={one.icon} shown={one.panel === panel} />
          ))}
        </div>
        <IconButton label="Close the panel" onClick={() => set({ panelOpen: false })}><PanelRightClose size={16} aria-hidden /></IconButton>
      </div>
      <div className="min-h-0 flex-1 overflow-hidden">{shown.view()}</div>
    </aside>
  );
}

function PastBar() {
  const { session } = useOpen();
  const { past } = useShown();
  if (past === null) return null;
  const leave = () => useUi.getState().set({ past: null });
  return (
    <div role="status" className="absolute left-1/2 top-3 z-10 flex -translate-x-1/2 items-center gap-3 rounded-lg border border-border bg-warn-soft px-3 py-2 text-sm text-warn shadow">
      You are looking at version {past}.
      <Button look="solid" onClick={() => { leave(); void session.step("revert", { to_version: past }); }}>Restore it</Button>
      <Button onClick={leave}>Back to now</Button>
    </div>
  );
}

function Gone() {
  return (
    <main className="flex h-full flex-col items-center justify-center gap-4 p-6 text-center">
      <h1 className="text-xl font-semibold">There is no such diagram</h1>
      <p className="text-muted">It may have been deleted, or the address is not quite right.</p>
      <Button look="solid" onClick={() => go("/")}>To the start page</Button>
    </main>
  );
}
