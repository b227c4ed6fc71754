import { useEffect, useSyncExternalStore } from "react";
import { useUi } from "../editor/store";
import { isDark } from "./kinds";

const query = window.matchMedia("(prefers-color-scheme: dark)");
const follow = (tell: () => void) => {
  query.addEventListener("change", tell);
  return () => query.removeEventListener("change", tell);
};

/** Whether the page is dark; keeps the document's theme in step. */
export function useDark(): boolean {
  const system = useSyncExternalStore(follow, () => query.matches);
  const theme = useUi((ui) => ui.theme);
  const dark = isDark(theme, system);
  useEffect(() => {
    document.documentElement.dataset["theme"] = dark ? "dark" : "light";
  }, [dark]);
  return dark;
}
