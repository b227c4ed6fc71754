/** The canvas: draws what is shown, and turns what a person does into ops. */

import {
  applyNodeChanges, Background, BackgroundVariant, type Connection, MiniMap, type NodeChange, type OnConnectEnd,
  ReactFlow, useReactFlow, useStore,
} from "@xyflow/react";
import { type DragEvent, type MouseEvent, useEffect, useMemo, useRef, useState } from "react";
import { viewing } from "../api/identity";
import { isActive } from "../api/jobs";
import { useLive, useOpen, useShown } from "../editor/context";
import { ancestors, type Diagram, type NodeType, type Point } from "../editor/diagram";
import { NO_MARKS } from "../editor/marks";
import { useUi } from "../editor/store";
import { useLooks } from "../ui/kinds";
import { ContextMenu, type Place } from "./ContextMenu";
import { Heads, Line } from "./edges";
import { Box, Group } from "./nodes";
import { useSelecting } from "./selection";
import { type BoxNode, type LineEdge, toFlow } from "./toFlow";
import { addNode, change, connect, drop } from "./toOps";
import { useFitting } from "./view";

const NODE_TYPES = { box: Box, group: Group };
const EDGE_TYPES = { line: Line };
/** The keys with which a click adds to the selection. */
const MORE = ["Shift", "Meta", "Control"];
/** Pixels that a hand may move in a click; beyond them it drags. */
const STILL = 3;
const MANY = 150;
const FAR = 0.3;
export const DRAGGED = "application/x-archwright-node";

export function Canvas() {
  const { session } = useOpen();
  const { diagram, past } = useShown();
  const live = useLive();
  const selected = useUi((ui) => ui.selected);
  const collapsed = useUi((ui) => ui.collapsed);
  const [place, setPlace] = useState<Place | null>(null);
  const flow = useReactFlow<BoxNode, LineEdge>();
  const { kinds, dark } = useLooks();
  const drawn = useMemo(
    () => toFlow(diagram, { preview: past === null ? live.preview : null, marks: past === null ? live.marks : NO_MARKS, collapsed, selected }),
    [diagram, past, live.preview, live.marks, collapsed, selected],
  );
  const { nodes, onNodesChange, dragging } = useNodes(drawn.nodes);
  const choose = useSelecting(drawn);
  const generating = useLately(isActive(live.job) && live.job?.kind === "generate");
  const fitting = useFitting({ nodes: drawn.nodes, generating, ready: live.line === "online", editing: live.unsaved > 0 });
  const far = useStore((view) => view.transform[2] < FAR);
  const readOnly = past !== null || viewing;

  const onNodeDragStart = (_: unknown, __: unknown, moved: BoxNode[]) => {
    dragging.current = true;
    useUi.getState().set({ moving: withMembers(diagram, moved.map((node) => node.id)) });
  };
  const onNodeDragStop = (_: unknown, __: unknown, moved: BoxNode[]) => {
    dragging.current = false;
    useUi.getState().set({ moving: new Set() });
    const places = new Map<string, Point>();
    for (const node of moved) places.set(node.id, flow.getInternalNode(node.id)?.internals.positionAbsolute ?? node.position);
    session.edit(drop(diagram, places));
  };
  const onConnect = ({ source, target }: Connection) => session.edit(connect(diagram, source, target));
  /** A line that is dropped anywhere on a node ends there; a person need not hit its handle. */
  const onConnectEnd: OnConnectEnd = (event, line) => {
    const over = "clientX" in event ? document.elementFromPoint(event.clientX, event.clientY)?.closest<HTMLElement>(".react-flow__node") : null;
    if (line.isValid || !line.fromHandle || !over?.dataset.id || over.dataset.id === line.fromHandle.nodeId) return;
    const [source, target] = line.fromHandle.type === "source" ? [line.fromHandle.nodeId, over.dataset.id] : [over.dataset.id, line.fromHandle.nodeId];
    session.edit(connect(diagram, source, target));
  };
  const rename = (id: string, ghost: boolean | undefined) => {
    if (!ghost && !readOnly) useUi.getState().set({ renaming: id });
  };
  const onDrop = (event: DragEvent) => {
    event.preventDefault();
    const dropped = event.dataTransfer.getData(DRAGGED);
    if (!dropped || readOnly) return;
    const { type, label, technology } = JSON.parse(dropped) as { type: NodeType; label: string; technology: string };
    const at = flow.screenToFlowPosition({ x: event.clientX, y: event.clientY });
    session.edit(addNode(diagram, type, label, technology, { x: at.x - 90, y: at.y - 30 }, at));
  };
  const openMenu = (event: MouseEvent | globalThis.MouseEvent, id: string | null) => {
    event.preventDefault();
    if (readOnly) return;
    if (id !== null && !useUi.getState().selected.has(id)) useUi.getState().select([id]);
    setPlace({ x: event.clientX, y: event.clientY, id, at: flow.screenToFlowPosition({ x: event.clientX, y: event.clientY }) });
  };
  return (
    <div className={`relative size-full ${isActive(live.job) ? "settling" : ""} ${far ? "far" : ""}`} onDragOver={(event) => event.preventDefault()} onDrop={onDrop}
      onPointerDownCapture={letGoOfText}>
      <Heads />
      <ReactFlow<BoxNode, LineEdge>
        nodes={nodes} edges={drawn.edges} nodeTypes={NODE_TYPES} edgeTypes={EDGE_TYPES} onNodesChange={(changes) => { choose(changes); onNodesChange(changes, session, diagram, readOnly); }}
        onEdgesChange={choose} onNodeDoubleClick={(_, node) => rename(node.id, node.data.ghost)} onEdgeDoubleClick={(_, edge) => rename(edge.id, edge.data?.ghost)}
        onNodeDragStart={onNodeDragStart} onNodeDragStop={onNodeDragStop} onConnect={onConnect} onConnectEnd={onConnectEnd}
        onNodeContextMenu={(event, node) => openMenu(event, node.id)} onEdgeContextMenu={(event, edge) => openMenu(event, edge.id)}
        onPaneContextMenu={(event) => openMenu(event, null)} onMoveStart={(event) => { setPlace(null); fitting.onMoveStart(event); }}
        nodesDraggable={!readOnly} nodesConnectable={!readOnly} deleteKeyCode={null} selectionKeyCode="Shift" multiSelectionKeyCode={MORE} nodeClickDistance={STILL} nodeDragThreshold={STILL} paneClickDistance={STILL}
        minZoom={0.05} maxZoom={2.5} connectionRadius={30} elevateNodesOnSelect={false} onlyRenderVisibleElements={drawn.nodes.length > MANY}
        colorMode={dark ? "dark" : "light"} proOptions={{ hideAttribution: true }} zoomOnDoubleClick={false}
        aria-label="Architecture diagram"
      >
        <Background variant={BackgroundVariant.Dots} gap={22} size={1} color="var(--border)" />
        <MiniMap pannable zoomable className="max-md:!hidden" nodeColor={(node) => (node.type === "group" ? "transparent" : kinds.get(String((node as BoxNode).data.node.type))?.[dark ? "dark" : "light"] ?? "#888")} maskColor="color-mix(in srgb, var(--canvas) 70%, transparent)" ariaLabel="Small map" />
      </ReactFlow>
      {place && <ContextMenu place={place} onClose={() => setPlace(null)} />}
    </div>
  );
}

/** A text that is selected elsewhere on the page is no longer meant once somebody works on the canvas. */
function letGoOfText(event: { target: EventTarget }): void {
  if (!(event.target instanceof HTMLInputElement)) getSelection()?.removeAllRanges();
}

/** React Flow's own copy of the nodes, so that a drag follows the pointer; new state replaces it but for what is held. */
function useNodes(drawn: BoxNode[]) {
  const [nodes, setNodes] = useState(drawn);
  const dragging = useRef(false);
  useEffect(() => {
    setNodes((held) => {
      const before = new Map(held.map((node) => [node.id, node]));
      return drawn.map((node) => {
        const old = before.get(node.id);
        if (!old) return node;
        const kept = old.measured ? { ...node, measured: old.measured } : node;
        return dragging.current && old.dragging ? { ...kept, position: old.position, dragging: true } : kept;
      });
    });
  }, [drawn]);
  const onNodesChange = (changes: NodeChange<BoxNode>[], session: ReturnType<typeof useOpen>["session"], diagram: Diagram, readOnly: boolean) => {
    setNodes((held) => applyNodeChanges(changes, held));
    if (readOnly) return;
    for (const one of changes) {
      if (one.type === "dimensions" && one.resizing === false && one.dimensions) {
        session.edit(change(diagram, one.id, { size: { width: Math.round(one.dimensions.width), height: Math.round(one.dimensions.height) } }));
      }
      if (one.type === "position" && !one.dragging && !dragging.current && one.position) nudge(one.id, one.position, session, diagram);
    }
  };
  return { nodes, onNodesChange, dragging };
}

/** A node moved by the arrow keys, or a group's corner by its resizer. */
function nudge(id: string, position: Point, session: ReturnType<typeof useOpen>["session"], diagram: Diagram): void {
  const node = diagram.nodes.get(id);
  if (!node) return;
  const parent = node.parent === null ? undefined : diagram.nodes.get(node.parent);
  const at = { x: Math.round(position.x + (parent?.position.x ?? 0)), y: Math.round(position.y + (parent?.position.y ?? 0)) };
  if (at.x !== node.position.x || at.y !== node.position.y) session.edit([{ op: "update_node", id, set: { position: at } }]);
}

function withMembers(diagram: Diagram, ids: readonly string[]): Set<string> {
  const wanted = new Set(ids);
  for (const id of diagram.nodes.keys()) if (ancestors(diagram, id).some((group) => wanted.has(group))) wanted.add(id);
  return wanted;
}

/** Whether something holds, or held until a second ago: what a job drew last comes with the news of its end. */
function useLately(holds: boolean): boolean {
  const [lately, setLately] = useState(holds);
  useEffect(() => {
    const timer = setTimeout(() => setLately(holds), holds ? 0 : 1000);
    return () => clearTimeout(timer);
  }, [holds]);
  return lately || holds;
}
