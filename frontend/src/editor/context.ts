/** The open session, for every view of the editor. */

import { type QueryClient, useQuery } from "@tanstack/react-query";
import { createContext, use, useEffect } from "react";
import { readVersion } from "../api/sessions";
import type { Diagram } from "./diagram";
import { diagramOf, type Live, liveKey, type LiveSession, NOTHING } from "./live";
import { useUi } from "./store";

export interface Open { id: string; session: LiveSession }
export const OpenSession = createContext<Open | null>(null);

export function useOpen(): Open {
  const open = use(OpenSession);
  if (open === null) throw new Error("no session is open here");
  return open;
}

/** The live state of the open session, or of it what `select` picks. */
export function useLive<T = Live>(select: (live: Live) => T = (live) => live as T): T {
  const { id } = useOpen();
  const { data } = useQuery({ queryKey: liveKey(id), queryFn: () => NOTHING, enabled: false, initialData: NOTHING, staleTime: Infinity, select });
  return data as T;
}

const versionKey = (id: string, past: number | null) => ["version", id, past] as const;

/** The diagram on the canvas, for what acts on it. */
export function shownDiagram(cache: QueryClient, id: string): Diagram {
  const past = cache.getQueryData<Diagram>(versionKey(id, useUi.getState().past));
  return past ?? cache.getQueryData<Live>(liveKey(id))!.diagram;
}

/** The diagram on the canvas: the live one, or a past version that is being looked at. One that cannot be read is left. */
export function useShown(): { diagram: Diagram; past: number | null } {
  const { id } = useOpen();
  const past = useUi((ui) => ui.past);
  const live = useLive((state) => state.diagram);
  const { data, isError } = useQuery({
    queryKey: versionKey(id, past),
    queryFn: async () => diagramOf(await readVersion(id, past!)),
    enabled: past !== null,
    staleTime: Infinity,
    meta: { unread: "The version could not be read" },
  });
  useEffect(() => {
    if (isError) useUi.getState().set({ past: null });
  }, [isError]);
  return past !== null && data ? { diagram: data, past } : { diagram: live, past: null };
}
