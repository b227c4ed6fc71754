import { Monitor, Moon, Sun } from "lucide-react";
import { type Theme, useUi } from "../editor/store";
import { IconButton } from "./parts";

const NEXT: Record<Theme, Theme> = { system: "light", light: "dark", dark: "system" };
const ICONS = { system: Monitor, light: Sun, dark: Moon };

export function ThemeChoice() {
  const { theme, setTheme } = useUi();
  const Icon = ICONS[theme];
  return <IconButton label={`Theme: ${theme}`} onClick={() => setTheme(NEXT[theme])}><Icon size={17} aria-hidden /></IconButton>;
}
