/** Changing an assumption; the list of them is told from the document's sections. */

import { ask, type Schema } from "./client";

/** Say what holds instead. Resolves to whether a job now changes what rests on it; a repeat with the same key does nothing twice. */
export async function changeAssumption(session: string, id: string, text: string, key: string): Promise<boolean> {
  const path = `/sessions/${encodeURIComponent(session)}/assumptions/${encodeURIComponent(id)}`;
  return (await ask<Partial<Schema["Replanned"]>>("POST", path, { body: { text }, key })).body.job !== undefined;
}
