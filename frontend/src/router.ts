/** Two kinds of page: the start at `/`, and a session at `/s/{id}`, below where the product lies. */

import { useSyncExternalStore } from "react";
import { addressOf, pathOf } from "./place";

const listeners = new Set<() => void>();
window.addEventListener("popstate", () => listeners.forEach((tell) => tell()));

export function go(path: string): void {
  history.pushState(null, "", addressOf(path));
  listeners.forEach((tell) => tell());
}

/** The id of the session that the address names, or null at the start page. */
export function useSessionId(): string | null {
  const path = useSyncExternalStore(
    (tell) => {
      listeners.add(tell);
      return () => listeners.delete(tell);
    },
    () => pathOf(location.pathname),
  );
  const match = /^\/s\/([^/]+)$/.exec(path);
  return match ? decodeURIComponent(match[1]!) : null;
}
