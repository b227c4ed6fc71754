/** How types of node look, as the server tells. */

import { useQuery } from "@tanstack/react-query";
import { createContext, type ReactNode, use, useMemo } from "react";
import { type Kind, readCatalogue, type Technology } from "../api/jobs";
import { useUi } from "../editor/store";

interface Looks { kinds: ReadonlyMap<string, Kind>; technologies: readonly Technology[]; dark: boolean }
const LooksContext = createContext<Looks>({ kinds: new Map(), technologies: [], dark: false });

export function LooksProvider({ dark, children }: { dark: boolean; children: ReactNode }) {
  const { data } = useQuery({ queryKey: ["catalogue"], queryFn: readCatalogue, staleTime: Infinity, meta: { unread: "The catalogue of components could not be read" } });
  const looks = useMemo(
    () => ({ kinds: new Map((data?.types ?? []).map((kind) => [kind.type, kind])), technologies: data?.technologies ?? [], dark }),
    [data, dark],
  );
  return <LooksContext value={looks}>{children}</LooksContext>;
}

export const useLooks = (): Looks => use(LooksContext);

export function useColour(type: string): string {
  const { kinds, dark } = useLooks();
  const kind = kinds.get(type);
  return kind ? (dark ? kind.dark : kind.light) : "var(--line)";
}

export function KindIcon({ type, size = 18 }: { type: string; size?: number }) {
  const { kinds } = useLooks();
  const colour = useColour(type);
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" fill="none" stroke={colour} strokeWidth={1.7} strokeLinecap="round" strokeLinejoin="round" aria-hidden>
      <path d={kinds.get(type)?.icon ?? "M4 4h16v16H4z"} />
    </svg>
  );
}

/** Whether the page is dark now, following the system unless a person chose. */
export function isDark(theme: ReturnType<typeof useUi.getState>["theme"], system: boolean): boolean {
  return theme === "dark" || (theme === "system" && system);
}
