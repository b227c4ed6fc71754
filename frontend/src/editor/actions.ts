/** What toolbar, menus, commands and keys can do, each once. */

import { useReactFlow } from "@xyflow/react";
import { useMemo } from "react";
import * as ops from "../canvas/toOps";
import { exportFile, shareSession } from "../api/sessions";
import { local } from "../storage";
import { copyPicture, copyText } from "../ui/clipboard";
import { useOpen } from "./context";
import type { Diagram, Op } from "./diagram";
import { liveKey, type Live } from "./live";
import { type Clipboard, useUi } from "./store";
import { useQueryClient } from "@tanstack/react-query";

const CLIPBOARD = "archwright:clipboard";

export interface Actions {
  undo(): void; redo(): void; tidy(): void; tidyDown(): void; fit(): void; zoomIn(): void; zoomOut(): void; remove(): void; duplicate(): void; copy(): void;
  paste(): Promise<void>; group(): void; ungroup(): void; selectAll(): void; align(how: ops.Alignment): void; find(id: string): void;
  copyImage(): Promise<void>; copyMermaid(): Promise<void>; save(format: string): Promise<void>; share(): Promise<void>;
}

export function useActions(): Actions {
  const { id, session } = useOpen();
  const flow = useReactFlow();
  const cache = useQueryClient();
  return useMemo(() => {
    const diagram = (): Diagram => cache.getQueryData<Live>(liveKey(id))!.diagram;
    const selected = () => useUi.getState().selected;
    const tell = useUi.getState().tell;
    const copied = (): Clipboard => ops.copy(diagram(), selected());
    const insert = (clipboard: Clipboard) => {
      const done = ops.paste(diagram(), clipboard);
      session.edit(done.ops);
      useUi.getState().select(done.ids);
    };
    const file = (format: string) => exportFile(id, format, document.documentElement.dataset["theme"]);
    return {
      undo: () => void session.step("undo"),
      redo: () => void session.step("redo"),
      tidy: () => void session.step("layout", { direction: "LR" }),
      tidyDown: () => void session.step("layout", { direction: "TB" }),
      fit: () => void flow.fitView({ padding: 0.15, maxZoom: 1.1, duration: 300 }),
      zoomIn: () => void flow.zoomIn({ duration: 150 }),
      zoomOut: () => void flow.zoomOut({ duration: 150 }),
      remove: () => {
        session.edit(ops.remove(diagram(), selected()));
        useUi.getState().select([]);
      },
      duplicate: () => insert(copied()),
      copy: () => {
        const clipboard = copied();
        if (clipboard.nodes.length > 0) local.setItem(CLIPBOARD, JSON.stringify(clipboard));
      },
      paste: async () => {
        const kept = local.getItem(CLIPBOARD);
        if (kept) insert(JSON.parse(kept) as Clipboard);
      },
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
      selectAll: () => useUi.getState().select([...diagram().nodes.keys()]),
      align: (how) => session.edit(ops.align(diagram(), selected(), how)),
      find: (node) => {
        useUi.getState().select([node]);
        void flow.fitView({ nodes: [{ id: node }], padding: 1.5, maxZoom: 1.3, duration: 300 });
      },
      copyImage: async () => {
        const image = file("png").then((answer) => answer.blob());
        await copyPicture(image);
        tell("The diagram was copied as an image.");
      },
      copyMermaid: async () => {
        await copyText(await (await file("mermaid")).text());
        tell("The diagram was copied as Mermaid.");
      },
      save: async (format) => {
        const answer = await file(format);
        const name = /filename\*=UTF-8''([^;]+)/.exec(answer.headers.get("content-disposition") ?? "");
        const address = URL.createObjectURL(await answer.blob());
        Object.assign(document.createElement("a"), { href: address, download: decodeURIComponent(name?.[1] ?? `diagram.${format}`) }).click();
        setTimeout(() => URL.revokeObjectURL(address), 60_000);
      },
      share: async () => {
        await copyText(await shareSession(id));
        tell("A link was copied. Whoever has it sees the diagram and can change nothing.");
      },
    };
  }, [id, session, flow, cache]);
}
