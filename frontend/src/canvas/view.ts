/** The part of the canvas that is seen. Places are told from the diagram, for what is out of sight is not drawn. */

import { getViewportForBounds, type Rect, useReactFlow, useStoreApi } from "@xyflow/react";
import { useEffect, useMemo, useRef } from "react";
import type { Node, Point } from "../editor/diagram";
import { type BoxNode, sizeOf } from "./toFlow";

interface Showing { padding: number; maxZoom: number; duration: number }
const EVERYTHING: Showing = { padding: 0.15, maxZoom: 1.1, duration: 300 };
const ONE: Showing = { padding: 1.5, maxZoom: 1.3, duration: 300 };

export interface View {
  /** Show all that is drawn, or that will be with these boxes. */
  all(showing?: Partial<Showing>, nodes?: readonly BoxNode[]): void;
  /** Bring a node to the middle. */
  on(node: Node): void;
  /** The middle of what is seen. */
  middle(): Point;
}

export function useView(): View {
  const flow = useReactFlow<BoxNode>();
  const store = useStoreApi();
  return useMemo(() => {
    const show = (bounds: Rect | null, { padding, maxZoom, duration }: Showing) => {
      if (bounds === null) return;
      const { width, height, minZoom } = store.getState();
      void flow.setViewport(getViewportForBounds(bounds, width, height, minZoom, maxZoom, padding), { duration });
    };
    return {
      all: (showing, nodes = flow.getNodes()) => show(around(nodes), { ...EVERYTHING, ...showing }),
      on: (node) => show({ ...node.position, ...sizeOf(node) }, ONE),
      middle: () => {
        const { width, height, transform: [x, y, zoom] } = store.getState();
        return { x: (width / 2 - x) / zoom, y: (height / 2 - y) / zoom };
      },
    };
  }, [flow, store]);
}

/** The rectangle around all boxes; what lies in a group lies in its rectangle. Pure. */
export function around(nodes: readonly BoxNode[]): Rect | null {
  const outer = nodes.filter((node) => node.parentId === undefined);
  if (outer.length === 0) return null;
  const x = Math.min(...outer.map((node) => node.position.x)), y = Math.min(...outer.map((node) => node.position.y));
  const right = Math.max(...outer.map((node) => node.position.x + (node.width ?? 0)));
  const bottom = Math.max(...outer.map((node) => node.position.y + (node.height ?? 0)));
  return { x, y, width: right - x, height: bottom - y };
}

export interface Drawing {
  nodes: readonly BoxNode[];
  /** Whether a job is drawing the whole diagram. */
  generating: boolean;
  /** Whether the diagram has been read, and whether there are own edits in it that are not saved yet. */
  ready: boolean;
  editing: boolean;
}

/** Show the whole picture when it first appears, and while it is being generated until a person moves the view.
 *  What a person puts on a blank canvas stays under their pointer. */
export function useFitting({ nodes, generating, ready, editing }: Drawing): { onMoveStart(event: unknown): void } {
  const view = useView();
  const fitted = useRef("");
  const held = useRef(false);
  const blank = useRef(false);
  const bounds = around(nodes);
  const extent = bounds === null ? "" : `${Math.round((bounds.x + bounds.width) / 20)} ${Math.round((bounds.y + bounds.height) / 20)}`;
  useEffect(() => {
    if (generating) held.current = false;
  }, [generating]);
  useEffect(() => {
    if (extent === "") {
      blank.current ||= ready;
      return;
    }
    const first = fitted.current === "";
    if (first && blank.current && editing && !generating) fitted.current = extent;
    else if (first) {
      fitted.current = extent;
      view.all({ padding: 0.12, duration: 0 }, nodes);
    }
    if (first || held.current || !generating || extent === fitted.current) return;
    const timer = setTimeout(() => {
      fitted.current = extent;
      view.all({ padding: 0.12 }, nodes);
    }, 60);
    return () => clearTimeout(timer);
  }, [extent, generating, ready, editing, view]);
  return { onMoveStart: (event) => { if (event) held.current = true; } };
}
