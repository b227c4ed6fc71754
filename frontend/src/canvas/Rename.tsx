/** A name or a label, written where it stands. */

import { type KeyboardEvent, useEffect, useRef } from "react";
import { useLive, useOpen } from "../editor/context";
import { useUi } from "../editor/store";
import { change } from "./toOps";

interface RenameProps { id: string; label: string; name: "Name" | "Label" }

/** A node keeps its name when none is written; a line may have no label. */
export function Rename({ id, label, name }: RenameProps) {
  const { session } = useOpen();
  const diagram = useLive((live) => live.diagram);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    input.current?.select();
  }, []);
  const close = (save: boolean) => {
    const wanted = input.current?.value.trim() ?? "";
    if (save && (wanted || name === "Label")) session.edit(change(diagram, id, { label: wanted }));
    useUi.getState().set({ renaming: null });
  };
  const keys = (event: KeyboardEvent) => {
    event.stopPropagation();
    if (event.key !== "Enter" && event.key !== "Escape") return;
    close(event.key === "Enter");
    document.querySelector<HTMLElement>(`.react-flow [data-id="${CSS.escape(id)}"]`)?.focus({ preventScroll: true });
  };
  return (
    <input ref={input} defaultValue={label} maxLength={200} aria-label={name} autoFocus onKeyDown={keys} onBlur={() => close(true)}
      className="nodrag nopan nokey w-full rounded border border-accent bg-canvas px-1 text-sm font-semibold text-text" />
  );
}
