/** Components to drag onto the canvas, with search over the catalogue. */

import { X } from "lucide-react";
import { useMemo, useState } from "react";
import { DRAGGED } from "../canvas/Canvas";
import { addNode } from "../canvas/toOps";
import { useView } from "../canvas/view";
import { KindIcon, useLooks } from "../ui/kinds";
import { BrandIcon } from "../ui/brands";
import { IconButton, INPUT } from "../ui/parts";
import { useLive, useOpen } from "./context";
import type { NodeType } from "./diagram";
import { useUi } from "./store";

interface Item { type: NodeType; label: string; technology: string }
const SHOWN = 60;

export function Palette() {
  const { session } = useOpen();
  const diagram = useLive((live) => live.diagram);
  const view = useView();
  const { kinds, technologies } = useLooks();
  const [text, setText] = useState("");
  const items = useMemo((): Item[] => {
    const wanted = text.trim().toLowerCase();
    const types = [...kinds.keys()].filter((type) => type.includes(wanted)).map((type): Item => ({ type: type as NodeType, label: titled(type), technology: "" }));
    if (!wanted) return types;
    const found = technologies.filter((t) => [t.name, t.vendor, ...t.aliases].some((name) => name.toLowerCase().includes(wanted)));
    found.sort((a, b) => Number(b.name.toLowerCase().startsWith(wanted)) - Number(a.name.toLowerCase().startsWith(wanted)));
    return [...types, ...found.slice(0, SHOWN).map((t): Item => ({ type: t.type as NodeType, label: t.name, technology: t.name }))];
  }, [text, kinds, technologies]);
  const add = (item: Item) => {
    const { x, y } = view.middle();
    const ops = addNode(diagram, item.type, item.label, item.technology, { x: x - 90, y: y - 30 });
    session.edit(ops);
    const made = ops[0];
    if (made?.op === "add_node") useUi.getState().select([made.node.id]);
  };
  return (
    <aside aria-label="Components" className="flex w-60 shrink-0 flex-col border-r border-border bg-panel max-md:h-64 max-md:w-full">
      <div className="flex items-center gap-1 p-2">
        <input autoFocus type="search" aria-label="Search components" placeholder="PostgreSQL, queue, Azure …" value={text} onChange={(event) => setText(event.target.value)} className={INPUT} />
        <IconButton label="Close the components" onClick={() => useUi.getState().set({ palette: false })}><X size={16} aria-hidden /></IconButton>
      </div>
      <ul className="min-h-0 flex-1 overflow-y-auto px-2 pb-2">
        {items.map((item) => (
          <li key={`${item.type}-${item.label}`}>
            <button type="button" draggable onDragStart={(event) => event.dataTransfer.setData(DRAGGED, JSON.stringify(item))} onClick={() => add(item)}
              className="flex w-full cursor-grab items-center gap-2 rounded-md px-2 py-1.5 text-left text-sm hover:bg-shade">
              <BrandIcon technology={item.technology} fallback={<KindIcon type={item.type} />} /><span className="truncate">{item.label}</span>
            </button>
          </li>
        ))}
        {items.length === 0 && <li className="p-2 text-muted">Nothing is called so.</li>}
      </ul>
    </aside>
  );
}

const NAMES: Record<string, string> = { loadbalancer: "Load balancer", cdn: "CDN", dns: "DNS", api: "API", vectordb: "Vector database", ml: "ML model", llm: "Language model", auth: "Sign-in", external: "External system" };
export const titled = (type: string): string => NAMES[type] ?? type[0]!.toUpperCase() + type.slice(1);
