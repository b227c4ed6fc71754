/** What was copied of a diagram, as the clipboard carries it: the names as text, and the nodes themselves in its HTML. */

import type { Edge, EdgeKind, Node, NodeType } from "../editor/diagram";
import type { Clipboard } from "../editor/store";

const MARK = "data-archwright";
const HTML = "text/html";

type Written = Record<"text/plain" | typeof HTML, string>;

export function written(copied: Clipboard): Written {
  const list = document.createElement("ul");
  list.setAttribute(MARK, JSON.stringify(copied));
  for (const { label } of copied.nodes) list.appendChild(document.createElement("li")).textContent = label;
  return { "text/plain": copied.nodes.map((node) => node.label).join("\n"), [HTML]: list.outerHTML };
}

/** The nodes in an HTML text; null when it was not copied from a diagram, or only looks so. */
export function readNodes(html: string): Clipboard | null {
  const kept = new DOMParser().parseFromString(html, HTML).querySelector(`[${MARK}]`)?.getAttribute(MARK);
  const found = recordOf(parsed(kept ?? ""));
  const nodes = listOf(found["nodes"]).flatMap(nodeOf);
  const ids = new Set(nodes.map((node) => node.id));
  const edges = listOf(found["edges"]).flatMap(edgeOf).filter((edge) => ids.has(edge.source) && ids.has(edge.target));
  return nodes.length > 0 ? { nodes, edges } : null;
}

/** Put what was copied on a copy event's clipboard. */
export function fill(data: DataTransfer, copied: Clipboard): void {
  for (const [type, text] of Object.entries(written(copied))) data.setData(type, text);
}

/** What a paste event brings; null when it is not nodes. */
export const taken = (data: DataTransfer): Clipboard | null => readNodes(data.getData(HTML));

/** Copy without a key, as a menu does. Works where the page may not reach the clipboard by itself, too. */
export function copyNow(copied: Clipboard): void {
  let done = false;
  const once = (event: ClipboardEvent) => {
    if (event.clipboardData === null) return;
    fill(event.clipboardData, copied);
    event.preventDefault();
    event.stopImmediatePropagation();
    done = true;
  };
  document.addEventListener("copy", once, { capture: true, once: true });
  document.execCommand("copy");
  document.removeEventListener("copy", once, { capture: true });
  if (!done) throw new Error("The browser does not let a menu copy. Press Ctrl+C.");
}

/** What the clipboard holds, without a key; null when it is not nodes. */
export async function takeNow(): Promise<Clipboard | null> {
  const items = await readClipboard().catch(() => {
    throw new Error("The browser does not let a menu read what was copied. Press Ctrl+V.");
  });
  const item = items.find((one) => one.types.includes(HTML));
  return item ? readNodes(await (await item.getType(HTML)).text()) : null;
}

async function readClipboard(): Promise<ClipboardItems> {
  return await navigator.clipboard.read();
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const recordOf = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
const listOf = (value: unknown): Record<string, unknown>[] => (Array.isArray(value) ? value.map(recordOf) : []);
const textOf = (value: unknown): string => (typeof value === "string" ? value : "");
const numberOf = (value: unknown): number => (typeof value === "number" && Number.isFinite(value) ? value : 0);

function nodeOf(value: Record<string, unknown>): Node[] {
  const id = textOf(value["id"]), label = textOf(value["label"]);
  if (!id || !label) return [];
  const position = recordOf(value["position"]), size = recordOf(value["size"]);
  return [{
    id, label, type: (textOf(value["type"]) || "service") as NodeType,
    technology: textOf(value["technology"]), description: textOf(value["description"]), parent: textOf(value["parent"]) || null,
    position: { x: numberOf(position["x"]), y: numberOf(position["y"]) }, size: { width: numberOf(size["width"]), height: numberOf(size["height"]) },
    pinned: value["pinned"] === true, properties: recordOf(value["properties"]),
  }];
}

function edgeOf(value: Record<string, unknown>): Edge[] {
  const id = textOf(value["id"]), source = textOf(value["source"]), target = textOf(value["target"]);
  const kind = (textOf(value["kind"]) || "request") as EdgeKind;
  return id && source && target ? [{ id, source, target, kind, label: textOf(value["label"]), properties: recordOf(value["properties"]), route: [] }] : [];
}
