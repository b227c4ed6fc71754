/** What toolbar, menus, commands and keys can do, each once. What fails is told. */

import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { exportFile, shareSession } from "../api/sessions";
import { copyNow, fill, taken, takeNow } from "../canvas/clipboard";
import * as ops from "../canvas/toOps";
import { useView, type View } from "../canvas/view";
import { useReactFlow } from "@xyflow/react";
import { attempt } from "../ui/attempt";
import { copyPicture, copyText } from "../ui/clipboard";
import { shownDiagram, useOpen } from "./context";
import { ancestors, type Diagram, type Op } from "./diagram";
import { type Live, liveKey, type LiveSession } from "./live";
import { type Clipboard, useUi } from "./store";

export interface Actions extends Editing, Sharing {
  undo(): void; redo(): void; tidy(): void; tidyDown(): void; fit(): void; zoomIn(): void; zoomOut(): void; selectAll(): void; find(id: string): void;
}
interface Editing {
  remove(): void; duplicate(): void; group(): void; ungroup(): void; align(how: ops.Alignment): void; copy(): void; paste(): void;
  /** Put the selection on a copy event's clipboard; false when there is nothing to copy. */
  copyTo(data: DataTransfer): boolean;
  pasteFrom(data: DataTransfer): void;
}
interface Sharing { copyImage(): void; copyMermaid(): void; save(format: string): void; share(): void }

export function useActions(): Actions {
  const { id, session } = useOpen();
  const flow = useReactFlow();
  const view = useView();
  const cache = useQueryClient();
  return useMemo(() => ({
    ...editing(session, () => cache.getQueryData<Live>(liveKey(id))!.diagram, () => shownDiagram(cache, id)),
    ...sharing(id, session),
    undo: () => void session.step("undo"),
    redo: () => void session.step("redo"),
    tidy: () => void session.step("layout", { direction: "LR" }),
    tidyDown: () => void session.step("layout", { direction: "TB" }),
    fit: () => view.all(),
    zoomIn: () => void flow.zoomIn({ duration: 150 }),
    zoomOut: () => void flow.zoomOut({ duration: 150 }),
    selectAll: () => {
      const { nodes, edges } = shownDiagram(cache, id);
      useUi.getState().select([...nodes.keys(), ...edges.keys()]);
    },
    find: (node) => find(cache, id, view, node),
  }), [id, session, flow, view, cache]);
}

/** Select a node and bring it into view, out of the groups that are collapsed around it. */
function find(cache: QueryClient, session: string, view: View, id: string): void {
  const diagram = shownDiagram(cache, session);
  const node = diagram.nodes.get(id);
  const ui = useUi.getState();
  for (const group of ancestors(diagram, id)) if (ui.collapsed.has(group)) ui.toggleCollapsed(group);
  ui.select([id]);
  if (node) view.on(node);
}

function editing(session: LiveSession, diagram: () => Diagram, shown: () => Diagram): Editing {
  const selected = () => useUi.getState().selected;
  const copied = (): Clipboard => ops.copy(shown(), selected());
  const insert = (clipboard: Clipboard | null) => {
    if (clipboard === null) return useUi.getState().tell("There are no nodes to paste: something else was copied last.");
    const done = ops.paste(diagram(), clipboard);
    if (done.ids.length === 0) return;
    session.edit(done.ops);
    useUi.getState().select(done.ids);
  };
  return {
    remove: () => {
      session.edit(ops.remove(diagram(), selected()));
      useUi.getState().select([]);
    },
    duplicate: () => insert(copied()),
    copy: () => void attempt("Nothing was copied", async () => copyNow(copied())),
    copyTo: (data) => {
      const found = copied();
      if (found.nodes.length > 0) fill(data, found);
      return found.nodes.length > 0;
    },
    paste: () => void attempt("Nothing was pasted", async () => insert(await takeNow())),
    pasteFrom: (data) => insert(taken(data)),
    group: () => {
      const made = ops.group(diagram(), selected());
      if (!made) return;
      session.edit(made.ops);
      useUi.getState().set({ renaming: made.id });
    },
    ungroup: () => {
      const groups = [...selected()].filter((one) => diagram().nodes.get(one)?.type === "group");
      session.edit(groups.map((one): Op => ({ op: "delete_node", id: one })));
    },
    align: (how) => session.edit(ops.align(diagram(), selected(), how)),
  };
}

function sharing(id: string, session: LiveSession): Sharing {
  const tell = useUi.getState().tell;
  const file = async (format: string) => {
    await session.flush();
    return exportFile(id, format, document.documentElement.dataset["theme"], () => tell("The file is large: it is being made, and comes when it is ready."));
  };
  return {
    copyImage: () => void attempt("The image could not be copied", async () => {
      const image = file("png").then((answer) => answer.blob());
      await Promise.all([image, copyPicture(image)]);
      tell("The diagram was copied as an image.");
    }),
    copyMermaid: () => void attempt("The diagram could not be copied", async () => {
      await copyText(await (await file("mermaid")).text());
      tell("The diagram was copied as Mermaid.");
    }),
    save: (format) => void attempt("The file could not be saved", async () => {
      const answer = await file(format);
      const name = /filename\*=UTF-8''([^;]+)/.exec(answer.headers.get("content-disposition") ?? "");
      const address = URL.createObjectURL(await answer.blob());
      Object.assign(document.createElement("a"), { href: address, download: decodeURIComponent(name?.[1] ?? `diagram.${format}`) }).click();
      setTimeout(() => URL.revokeObjectURL(address), 60_000);
    }),
    share: () => void attempt("The link could not be made", async () => {
      const link = await shareSession(id);
      await attempt(`The link ${link} could not be copied`, async () => {
        await copyText(link);
        tell("A link was copied. Whoever has it sees the diagram and can change nothing.");
      });
    }),
  };
}
