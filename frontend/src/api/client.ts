/** One way to ask the server, and one kind of error. */

import { randomId } from "../ids";
import { addressOf } from "../place";
import { sign } from "./identity";
import type { components } from "./schema";

export type Schema = components["schemas"];
const API = addressOf("/api/v1");

/** A refusal of the server (RFC 9457), or with status 0 a server that cannot be reached. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly type: string,
    readonly detail: string,
    readonly extra: Record<string, unknown> = {},
  ) {
    super(detail);
  }

  /** Whether asking again later may help. */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

export interface Answer<T> {
  status: number;
  body: T;
  headers: Headers;
}

interface Asking {
  body?: unknown;
  key?: string;
  etag?: string | null;
  signal?: AbortSignal;
}

/** Ask for a path under the API. Throws Problem; 304 is an answer without a body. */
export async function ask<T>(method: string, path: string, asking: Asking = {}): Promise<Answer<T>> {
  const headers = new Headers({ accept: "application/json" });
  if (asking.body !== undefined) headers.set("content-type", "application/json");
  if (asking.key) headers.set("idempotency-key", asking.key);
  if (asking.etag) headers.set("if-none-match", asking.etag);
  await sign(headers);
  const init: RequestInit = { method, headers, cache: "no-store" };
  if (asking.body !== undefined) init.body = JSON.stringify(asking.body);
  if (asking.signal) init.signal = asking.signal;
  const response = await fetch(API + path, init).catch(unreachable);
  if (response.ok || response.status === 304) {
    const text = await response.text();
    return { status: response.status, body: (text ? JSON.parse(text) : undefined) as T, headers: response.headers };
  }
  throw await problemOf(response);
}

/** Ask for a file under the API. Throws Problem. */
export async function askFile(path: string): Promise<Response> {
  const headers = new Headers();
  await sign(headers);
  const response = await fetch(API + path, { headers }).catch(unreachable);
  if (!response.ok) throw await problemOf(response);
  return response;
}

function unreachable(error: unknown): never {
  throw new Problem(0, "unreachable", error instanceof Error ? error.message : "The server cannot be reached.");
}

async function problemOf(response: Response): Promise<Problem> {
  const body = (await response.json().catch(() => ({}))) as Record<string, unknown>;
  const detail = typeof body["detail"] === "string" ? body["detail"] : `The server answered ${response.status}.`;
  return new Problem(response.status, String(body["type"] ?? ""), detail, body);
}

/** A new idempotency key. */
export function newKey(): string {
  return `chg_${randomId()}`;
}
