/** The design document: how its sections stand, and the job that writes them. */

import { ask, newKey, type Schema } from "./client";

export type Standing = Schema["SectionOut"];

export async function readDocument(id: string): Promise<Standing[]> {
  return (await ask<Schema["DocumentOut"]>("GET", `/sessions/${encodeURIComponent(id)}/document`)).body.sections;
}

export async function writeDocument(id: string, onlyStale: boolean, key = newKey()): Promise<void> {
  await ask("POST", `/sessions/${encodeURIComponent(id)}/document`, { body: { only_stale: onlyStale }, key });
}
