/** Every property of what is selected. */

import { Lightbulb } from "lucide-react";
import { type KeyboardEvent, useEffect, useState } from "react";
import { change } from "../canvas/toOps";
import { useLooks } from "../ui/kinds";
import { Button, Field, INPUT } from "../ui/parts";
import { count } from "../ui/words";
import { useActions } from "./actions";
import { assumptions } from "./assumptions";
import { useOpen, useShown } from "./context";
import type { Diagram, Edge, EdgeKind, Node, NodeType } from "./diagram";
import { showSection } from "../document/jump";
import { titled } from "./Palette";
import { useUi } from "./store";
import { PropertyList } from "./PropertyList";

const KINDS: Record<EdgeKind, string> = { request: "Request", async: "Asynchronous", data: "Reads or writes data", replication: "Replication", depends: "Depends on" };

export function Inspector() {
  const { diagram, past } = useShown();
  const selected = useUi((ui) => ui.selected);
  const nodes = [...selected].filter((one) => diagram.nodes.has(one)).length;
  const id = selected.size === 1 ? [...selected][0]! : null;
  const node = id === null ? undefined : diagram.nodes.get(id);
  const edge = id === null ? undefined : diagram.edges.get(id);
  return (
    <fieldset disabled={past !== null} className="h-full space-y-3 overflow-y-auto p-3">
      {node ? <NodeFields key={node.id} node={node} diagram={diagram} /> : edge ? <EdgeFields key={edge.id} edge={edge} diagram={diagram} /> : <Several nodes={nodes} lines={[...selected].filter((one) => diagram.edges.has(one)).length} />}
    </fieldset>
  );
}

/** A text that is saved when it is left or Enter is pressed; what others write shows while nobody types here. */
export function Text({ value, onSave, label, long = false, max, list }: { value: string; onSave(text: string): void; label: string; long?: boolean; max: number; list?: string }) {
  const [draft, setDraft] = useState<string | null>(null);
  useEffect(() => setDraft(null), [value]);
  const save = () => {
    if (draft !== null && draft !== value) onSave(draft);
    setDraft(null);
  };
  const shared = {
    value: draft ?? value, maxLength: max, onBlur: save, className: INPUT,
    onChange: (event: { target: { value: string } }) => setDraft(event.target.value),
    onKeyDown: (event: KeyboardEvent<HTMLElement>) => {
      if (event.key === "Enter" && (!long || event.ctrlKey || event.metaKey)) event.currentTarget.blur();
      if (event.key === "Escape") setDraft(null);
    },
  };
  return <Field label={label}>{long ? <textarea rows={5} {...shared} /> : <input {...shared} {...(list ? { list } : {})} />}</Field>;
}

function NodeFields({ node, diagram }: { node: Node; diagram: Diagram }) {
  const { session } = useOpen();
  const { remove, duplicate } = useActions();
  const { kinds, technologies } = useLooks();
  const set = (changed: Partial<Node>) => session.edit(change(diagram, node.id, changed));
  const groups = [...diagram.nodes.values()].filter((one) => one.type === "group" && one.id !== node.id);
  return (
    <>
      <Text label="Name" value={node.label} max={200} onSave={(label) => { if (label.trim()) set({ label: label.trim() }); }} />
      <Field label="Type">
        <select value={node.type} className={INPUT} onChange={(event) => set({ type: event.target.value as NodeType })}>
          {[...kinds.keys()].map((type) => <option key={type} value={type}>{titled(type)}</option>)}
        </select>
      </Field>
      <Text label="Technology" value={node.technology} max={200} list="technologies" onSave={(technology) => set({ technology: technology.trim() })} />
      <datalist id="technologies">{technologies.filter((t) => t.type === node.type).map((t) => <option key={t.name} value={t.name} />)}</datalist>
      <Text label="Description" value={node.description} max={4000} long onSave={(description) => set({ description })} />
      <Field label="In group">
        <select value={node.parent ?? ""} className={INPUT} onChange={(event) => set({ parent: event.target.value || null })}>
          <option value="">None</option>
          {groups.map((one) => <option key={one.id} value={one.id}>{one.label}</option>)}
        </select>
      </Field>
      <label className="flex items-center gap-2 text-sm"><input type="checkbox" checked={node.pinned} onChange={(event) => set({ pinned: event.target.checked })} />Keep where it is</label>
      <PropertyList properties={node.properties} onSave={(properties) => set({ properties })} />
      <Assumed node={node} diagram={diagram} />
      <div className="flex gap-2 pt-2"><Button onClick={duplicate}>Duplicate</Button>{node.type !== "group" && <Button onClick={() => showSection(diagram, node.id)}>Section</Button>}<Button look="danger" onClick={remove}>Delete</Button></div>
    </>
  );
}

/** The assumptions that a node rests on. */
function Assumed({ node, diagram }: { node: Node; diagram: Diagram }) {
  const found = assumptions(diagram).filter((one) => one.restsOn.includes(node.id));
  if (found.length === 0) return null;
  const show = (id: string) => {
    useUi.getState().set({ assumption: id });
    useUi.getState().show("assumptions");
  };
  return (
    <div role="group" aria-label="Rests on assumptions">
      <p className="text-xs font-medium text-muted">Rests on {found.length === 1 ? "an assumption" : "assumptions"}</p>
      {found.map((one) => (
        <button key={one.id} type="button" title="Show it among the assumptions" onClick={() => show(one.id)}
          className="mt-1 block w-full rounded-lg border border-border px-2.5 py-1.5 text-left hover:border-accent">
          <span className="flex items-center gap-1.5 font-medium"><Lightbulb size={13} className="shrink-0 text-muted" aria-hidden />{one.topic}</span>
          <span className="line-clamp-2 text-xs text-muted">{one.text}</span>
        </button>
      ))}
    </div>
  );
}

function EdgeFields({ edge, diagram }: { edge: Edge; diagram: Diagram }) {
  const { session } = useOpen();
  const { remove } = useActions();
  const set = (changed: Partial<Edge>) => session.edit(change(diagram, edge.id, changed));
  const label = (id: string) => diagram.nodes.get(id)?.label ?? id;
  const ends = [...diagram.nodes.values()].filter((node) => node.type !== "group" || node.id === edge.source || node.id === edge.target);
  const end = (side: "source" | "target", name: string) => (
    <Field label={name}>
      <select value={edge[side]} className={INPUT} onChange={(event) => set({ [side]: event.target.value })}>
        {ends.map((node) => <option key={node.id} value={node.id}>{node.label}</option>)}
      </select>
    </Field>
  );
  return (
    <>
      <p className="text-sm font-semibold">{label(edge.source)} → {label(edge.target)}</p>
      <Text label="Label" value={edge.label} max={200} onSave={(text) => set({ label: text.trim() })} />
      <Field label="Kind">
        <select value={edge.kind} className={INPUT} onChange={(event) => set({ kind: event.target.value as EdgeKind })}>
          {Object.entries(KINDS).map(([kind, name]) => <option key={kind} value={kind}>{name}</option>)}
        </select>
      </Field>
      {end("source", "From")}
      {end("target", "To")}
      <PropertyList properties={edge.properties} onSave={(properties) => set({ properties })} />
      <Button look="danger" onClick={remove}>Delete</Button>
    </>
  );
}

function Several({ nodes, lines }: { nodes: number; lines: number }) {
  const actions = useActions();
  if (nodes + lines === 0) return <p className="text-muted">Select a node or a line to see its properties.</p>;
  return (
    <>
      <p>{[nodes > 0 && count(nodes, "node"), lines > 0 && count(lines, "line")].filter(Boolean).join(" and ")} selected</p>
      <div className="flex flex-wrap gap-2">
        {nodes > 0 && <Button onClick={actions.group}>Group</Button>}
        {nodes > 1 && <>
          <Button onClick={() => actions.align("left")}>Align left</Button>
          <Button onClick={() => actions.align("top")}>Align top</Button>
          <Button onClick={() => actions.align("row")}>In a row</Button>
          <Button onClick={() => actions.align("column")}>In a column</Button>
        </>}
        {nodes > 0 && <Button onClick={actions.duplicate}>Duplicate</Button>}
        <Button look="danger" onClick={actions.remove}>Delete</Button>
      </div>
    </>
  );
}
