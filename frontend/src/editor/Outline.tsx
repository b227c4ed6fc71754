/** The diagram as text: to read, to search by eye, and for those who do not see the canvas. */

import { memo } from "react";
import { KindIcon } from "../ui/kinds";
import { useActions } from "./actions";
import { useLive, useShown } from "./context";
import type { Diagram, Node } from "./diagram";
import { useUi } from "./store";

export function Outline() {
  const { diagram } = useShown();
  const { find } = useActions();
  const selected = useUi((ui) => ui.selected);
  if (diagram.nodes.size === 0) return <p className="p-4 text-muted">The canvas is empty.</p>;
  return (
    <nav aria-label="Outline" className="h-full overflow-y-auto p-2">
      <Level diagram={diagram} parent={null} find={find} selected={selected} />
    </nav>
  );
}

interface LevelProps { diagram: Diagram; parent: string | null; find(id: string): void; selected: ReadonlySet<string> }

function Level({ diagram, parent, find, selected }: LevelProps) {
  const nodes = [...diagram.nodes.values()].filter((node) => node.parent === parent);
  return (
    <ul className={parent === null ? "" : "ml-4 border-l border-border pl-1"}>
      {nodes.map((node) => (
        <li key={node.id}>
          <button type="button" onClick={() => find(node.id)} aria-current={selected.has(node.id) || undefined}
            className={`flex w-full items-center gap-2 rounded-md px-2 py-1 text-left hover:bg-shade ${selected.has(node.id) ? "bg-accent-soft" : ""}`}>
            <KindIcon type={node.type} size={16} /><span className="truncate">{node.label}</span>
            <span className="truncate text-xs text-muted">{node.technology}</span>
          </button>
          {node.type === "group" && <Level diagram={diagram} parent={node.id} find={find} selected={selected} />}
        </li>
      ))}
    </ul>
  );
}

/** The whole diagram for screen readers: every node, what it is, and what it is connected to. */
export const SpokenOutline = memo(function SpokenOutline() {
  const diagram = useLive((live) => live.diagram);
  const label = (id: string) => diagram.nodes.get(id)?.label ?? id;
  const links = new Map<string, string[]>();
  for (const edge of diagram.edges.values()) {
    const words = `to ${label(edge.target)}${edge.label ? `, ${edge.label}` : ""} (${edge.kind})`;
    links.set(edge.source, [...(links.get(edge.source) ?? []), words]);
  }
  const words = (node: Node) =>
    [node.label, node.type, node.technology, node.parent !== null && `in ${label(node.parent)}`, ...(links.get(node.id) ?? [])].filter(Boolean).join("; ");
  return (
    <section aria-label="The diagram as text" className="sr-only">
      <h2>{diagram.title}</h2>
      <p>{diagram.nodes.size} nodes and {diagram.edges.size} connections.</p>
      <ul>{[...diagram.nodes.values()].map((node) => <li key={node.id}>{words(node)}</li>)}</ul>
    </section>
  );
});
