/** A setting of this browser for a session: stale sections that the agent wrote are updated by themselves. */

import { useEffect, useRef } from "react";
import { create } from "zustand";
import { Problem } from "../api/client";
import { readDocument, type Standing, writeDocument } from "../api/document";
import { viewing } from "../api/identity";
import { isActive } from "../api/jobs";
import { useLive, useOpen } from "../editor/context";
import { local } from "../storage";
import { tellFailure } from "../ui/attempt";

const QUIET_MS = 5_000;
const TRIES = 2;
const place = (session: string) => `archwright:up-to-date:${session}`;

export const useSetting = create<{ on: Readonly<Record<string, boolean>> }>(() => ({ on: {} }));
export const isOn = (on: Readonly<Record<string, boolean>>, session: string) => on[session] ?? local.getItem(place(session)) !== null;

export function setUpToDate(session: string, on: boolean): void {
  if (on) local.setItem(place(session), "on");
  else local.removeItem(place(session));
  useSetting.setState(({ on: all }) => ({ on: { ...all, [session]: on } }));
}

/** Whether the agent can bring a section up to date, or remove it with its component: it is stale and the agent's. */
export function canUpdate(one: Pick<Standing, "stale" | "by">): boolean {
  return one.stale && one.by === "job";
}

/** How often a section was updated in vain, and for which reason. */
export type Tries = ReadonlyMap<string, { reason: string; count: number }>;

/** The sections to update now, and the tries that this makes; one that an update does not help is left after two. Pure. */
export function due(sections: readonly Standing[], tries: Tries): { slugs: string[]; tries: Tries } {
  const next = new Map<string, { reason: string; count: number }>();
  const slugs: string[] = [];
  for (const one of sections.filter(canUpdate)) {
    const before = tries.get(one.slug);
    const count = before?.reason === one.reason ? before.count : 0;
    if (count < TRIES) slugs.push(one.slug);
    next.set(one.slug, { reason: one.reason ?? "", count: count + 1 });
  }
  return { slugs, tries: next };
}

/** Update what is stale once nobody has edited for five seconds and no job runs. Draws nothing. */
export function UpToDate() {
  const { id, session } = useOpen();
  const on = useSetting((setting) => isOn(setting.on, id)) && !viewing;
  const version = useLive((live) => live.version);
  const ready = useLive((live) => live.line === "online" && live.unsaved === 0 && !isActive(live.job));
  const tries = useRef<Tries>(new Map());
  useEffect(() => {
    if (!on || !ready || version === 0) return;
    const update = async () => {
      const found = due(await readDocument(id), tries.current);
      tries.current = found.tries;
      if (found.slugs.length > 0) await writeDocument(id, true, `doc_${id}_${version}`);
      session.lookNow();
    };
    const timer = setTimeout(() => void update().catch(tell), QUIET_MS);
    return () => clearTimeout(timer);
  }, [on, ready, version, id, session]);
  return null;
}

/** Another tab was first (409), nothing is stale any more (422), or the server is away: no news to a person. */
function tell(error: unknown): void {
  if (error instanceof Problem && (error.status === 409 || error.status === 422 || error.passing)) return;
  tellFailure("The document was not updated", error);
}
