/** Sessions, their changes and their conversation. */

import type { Op } from "../editor/diagram";
import { type Answer, ask, askFile, newKey, type Schema } from "./client";

export type Session = Schema["SessionOut"];
export type SessionRow = Schema["SessionRow"];
export type Change = Omit<Schema["ChangeOut"], "ops"> & { ops: Op[] };
/** `reset` says that the change was too large for an answer: load the session anew. */
export type Changed = { version: number; change: Change; skipped?: { reason: string }[]; reset?: boolean | null };
export type Delta = Omit<Schema["Delta"], "changes"> & { changes: Change[] };
export type Message = Schema["MessageOut"];
export type Started = Schema["Started"];
export type Preview = Schema["Preview"];

const at = (id: string) => `/sessions/${encodeURIComponent(id)}`;

export async function listSessions(cursor: string | null): Promise<Schema["SessionList"]> {
  const query = new URLSearchParams({ limit: "24", ...(cursor ? { cursor } : {}) });
  return (await ask<Schema["SessionList"]>("GET", `/sessions?${query}`)).body;
}

export function readSession(id: string): Promise<Session> {
  return readPages(at(id));
}

export function readVersion(id: string, version: number): Promise<Session> {
  return readPages(`${at(id)}/versions/${version}`);
}

/** A session, whole: what is too large for one answer comes in pages, all of the first one's version. */
async function readPages(path: string): Promise<Session> {
  const whole = (await ask<Session>("GET", path)).body;
  let cursor = whole.next_cursor;
  while (cursor) {
    const page: Session = (await ask<Session>("GET", `${path}?cursor=${encodeURIComponent(cursor)}`)).body;
    whole.nodes.push(...page.nodes);
    whole.edges.push(...page.edges);
    whole.document.sections.push(...page.document.sections);
    cursor = page.next_cursor;
  }
  return whole;
}

/** Create a session; with a prompt the answer also tells the job that draws it. */
export async function createSession(asked: Schema["NewSession"], key = newKey()): Promise<string> {
  const { body } = await ask<Session | Started>("POST", "/sessions", { body: asked, key });
  return "session" in body ? body.session.id : body.id;
}

export async function importSession(content: unknown): Promise<string> {
  return (await ask<Session>("POST", "/sessions/import", { body: content, key: newKey() })).body.id;
}

export async function deleteSession(id: string): Promise<void> {
  await ask("DELETE", at(id));
}

export async function sendOps(id: string, ops: readonly Op[], key: string): Promise<Changed> {
  return (await ask<Changed>("POST", `${at(id)}/changes`, { body: { ops }, key })).body;
}

export function poll(id: string, since: number, etag: string | null, signal: AbortSignal): Promise<Answer<Delta>> {
  return ask<Delta>("GET", `${at(id)}/changes?since=${since}`, { etag, signal });
}

export async function readChanges(id: string, since: number): Promise<Change[]> {
  return (await ask<Delta>("GET", `${at(id)}/changes?since=${since}`)).body?.changes ?? [];
}

export type Step = "undo" | "redo" | "revert" | "layout";

/** Undo, redo, revert or tidy, as one change. */
export async function takeStep(id: string, step: Step, body?: unknown, key = newKey()): Promise<Changed> {
  return (await ask<Changed>("POST", `${at(id)}/${step}`, { key, ...(body === undefined ? {} : { body }) })).body;
}

export async function sendMessage(id: string, asked: Schema["NewMessage"], key = newKey()): Promise<Schema["Sent"]> {
  return (await ask<Schema["Sent"]>("POST", `${at(id)}/messages`, { body: asked, key })).body;
}

export async function readMessages(id: string): Promise<Message[]> {
  const items: Message[] = [];
  let cursor: string | null = null;
  do {
    const query: string = cursor ? `&cursor=${encodeURIComponent(cursor)}` : "";
    const page: Schema["Conversation"] = (await ask<Schema["Conversation"]>("GET", `${at(id)}/messages?limit=100${query}`)).body;
    items.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor !== null);
  return items;
}

/** The file; one that takes long to make is waited for, and `waiting` is told so once. */
export async function exportFile(id: string, format: string, theme = "auto", waiting: () => void = () => undefined): Promise<Response> {
  let answer = await askFile(`${at(id)}/export?format=${format}&theme=${theme}`);
  if (answer.status === 202) waiting();
  while (answer.status === 202) {
    const { job } = (await answer.json()) as Schema["Exporting"];
    await new Promise((resolve) => setTimeout(resolve, 1000 * Number(answer.headers.get("retry-after") ?? "1")));
    answer = await askFile(`${at(id)}/exports/${encodeURIComponent(job.id)}`);
  }
  return answer;
}

/** Make a link that shows the session to whoever has it; returns its whole address. */
export async function shareSession(id: string): Promise<string> {
  const { body } = await ask<Schema["NewGrant"]>("POST", `${at(id)}/shares`, { body: {}, key: newKey() });
  return body.url ?? location.origin + body.path!;
}

export async function readConfig(): Promise<Schema["Config"]> {
  return (await ask<Schema["Config"]>("GET", "/config")).body;
}
