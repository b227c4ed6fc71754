/** Edits that the server has not confirmed yet: pure, and kept in the browser's storage across reloads. */

import type { Change } from "../api/sessions";
import { randomId } from "../ids";
import { type Kept, local, tab as inTab } from "../storage";
import { type Diagram, foldEdit, type Op } from "./diagram";

/** `version` is set when the server has taken the edit; it stays until the change itself has come back. */
export interface Pending {
  key: string;
  ops: Op[];
  version?: number;
}

export type Outbox = readonly Pending[];

/** The most ops that one change may hold. */
export const OPS_MAX = 50;

/** Add ops as edits of at most OPS_MAX each. */
export function push(outbox: Outbox, ops: readonly Op[], newKey: () => string): Outbox {
  const added: Pending[] = [];
  for (let at = 0; at < ops.length; at += OPS_MAX) added.push({ key: newKey(), ops: ops.slice(at, at + OPS_MAX) });
  return [...outbox, ...added];
}

/** The edit to send next: edits go in their order, one at a time. */
export const next = (outbox: Outbox): Pending | undefined => outbox.find((edit) => edit.version === undefined);

export function confirm(outbox: Outbox, key: string, version: number): Outbox {
  return outbox.map((edit) => (edit.key === key ? { ...edit, version } : edit));
}

export function drop(outbox: Outbox, key: string): Outbox {
  return outbox.filter((edit) => edit.key !== key);
}

/** Forget what has come back as a change, or was taken at a version that the diagram has reached. */
export function settle(outbox: Outbox, version: number, changes: readonly Change[] = []): Outbox {
  const back = new Set(changes.map((change) => change.change_id));
  const left = outbox.filter((edit) => !back.has(edit.key) && !(edit.version !== undefined && edit.version <= version));
  return left.length === outbox.length ? outbox : left;
}

/** What a person sees: the server's diagram with the own edits on top, whatever others did below. */
export function rebase(server: Diagram, outbox: Outbox): Diagram {
  return outbox.reduce((diagram, edit) => foldEdit(diagram, edit.ops), server);
}

const place = (session: string) => `archwright:outbox:${session}:`;

/** This tab's name, the same after a reload. */
function tab(): string {
  const known = inTab.getItem("archwright:tab") ?? randomId();
  inTab.setItem("archwright:tab", known);
  return known;
}

/** Take over what earlier pages left behind; a repeat is harmless, for the keys are the same. */
export function restore(session: string, storage: Kept = local): Outbox {
  const names = Array.from({ length: storage.length }, (_, at) => storage.key(at)).filter(
    (name): name is string => name?.startsWith(place(session)) ?? false,
  );
  const found = names.flatMap((name) => read(storage.getItem(name)));
  for (const name of names) storage.removeItem(name);
  if (found.length > 0) keep(session, found, storage);
  return found;
}

function read(kept: string | null): Pending[] {
  try {
    const edits: unknown = JSON.parse(kept ?? "[]");
    return Array.isArray(edits) ? edits.filter((edit) => typeof edit?.key === "string" && Array.isArray(edit.ops)) : [];
  } catch {
    return [];
  }
}

export function keep(session: string, outbox: Outbox, storage: Kept = local): void {
  try {
    if (outbox.length === 0) storage.removeItem(place(session) + tab());
    else storage.setItem(place(session) + tab(), JSON.stringify(outbox));
  } catch {
    /* A full or forbidden storage costs only the survival of a reload. */
  }
}
