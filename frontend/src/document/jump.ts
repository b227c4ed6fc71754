/** From a node to its section. */

import { create } from "zustand";
import type { Diagram } from "../editor/diagram";
import { useUi } from "../editor/store";

const SLUG_MAX = 100;
export const slugOf = (node: string) => `component-${node}`.slice(0, SLUG_MAX);

/** The section that the panel should show next. */
export const useWanted = create<{ slug: string | null }>(() => ({ slug: null }));

/** Open the document at a node's section. */
export function showSection(diagram: Diagram, node: string): void {
  const slug = slugOf(node);
  if (!diagram.sections.has(slug)) useUi.getState().tell(`The document has no section about ${diagram.nodes.get(node)?.label ?? node} yet.`);
  else useWanted.setState({ slug });
  useUi.getState().show("document");
}
