/** What a person is writing and has not saved: kept in this tab, so that no closed panel, reload or job loses it. */

import { create } from "zustand";
import type { Section } from "../editor/diagram";
import { tab } from "../storage";

export type Words = Pick<Section, "title" | "body">;

/** A section as it is being written. `base` is what it said when the writing began; null when it is to come back. */
export interface Draft extends Words { slug: string; base: Words | null }

export const begin = ({ slug, title, body }: Section): Draft => ({ slug, title, body, base: { title, body } });
const same = (a: Words, b: Words) => a.title === b.title && a.body === b.body;
export const isChanged = (draft: Draft) => draft.base === null || !same(draft, draft.base);

/** What happened to a section since the writing began that saving would undo. Pure. */
export function clash(draft: Draft, now: Words | undefined): "changed" | "removed" | null {
  if (now === undefined) return draft.base === null ? null : "removed";
  return (draft.base !== null && same(now, draft.base)) || same(now, draft) ? null : "changed";
}

interface Drafts {
  session: string | null;
  drafts: ReadonlyMap<string, Draft>;
  open(session: string): void;
  put(draft: Draft): void;
  drop(slug: string): void;
}

const place = (session: string) => `archwright:drafts:${session}`;

export const useDrafts = create<Drafts>((set, get) => {
  const keep = (drafts: ReadonlyMap<string, Draft>) => {
    const { session } = get();
    if (session !== null) store(session, drafts);
    set({ drafts });
  };
  return {
    session: null,
    drafts: new Map(),
    open: (session) => { if (get().session !== session) set({ session, drafts: stored(session) }); },
    put: (draft) => keep(new Map(get().drafts).set(draft.slug, draft)),
    drop: (slug) => keep(new Map([...get().drafts].filter(([known]) => known !== slug))),
  };
});

function store(session: string, drafts: ReadonlyMap<string, Draft>): void {
  try {
    if (drafts.size === 0) tab.removeItem(place(session));
    else tab.setItem(place(session), JSON.stringify([...drafts.values()]));
  } catch {
    /* A full or forbidden storage costs only the survival of a reload. */
  }
}

function stored(session: string): ReadonlyMap<string, Draft> {
  try {
    const drafts = JSON.parse(tab.getItem(place(session)) ?? "[]") as Draft[];
    return new Map(drafts.map((draft) => [draft.slug, draft]));
  } catch {
    return new Map();
  }
}
