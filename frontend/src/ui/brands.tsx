/** Marks of well-known technologies; all others show their type's icon. */

import type { ReactNode } from "react";
import marks from "../../../backend/archwright/formats/brands.json";
import { useLooks } from "./kinds";

interface Brand { hex: string; path: string }
const BY_NAME = new Map<string, Brand>(Object.entries(marks));

/** Marks too dark or too pale to see on the canvas are drawn in the text's colour. */
function visible(hex: string, dark: boolean): string {
  const [r = 0, g = 0, b = 0] = [0, 2, 4].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255);
  const light = 0.2126 * r + 0.7152 * g + 0.0722 * b;
  return (dark ? light < 0.22 : light > 0.75) ? "var(--text)" : `#${hex}`;
}

export function BrandIcon({ technology, fallback }: { technology: string; fallback: ReactNode }) {
  const { dark } = useLooks();
  const brand = BY_NAME.get(technology.toLowerCase());
  if (!brand) return fallback;
  return <svg width={18} height={18} viewBox="0 0 24 24" fill={visible(brand.hex, dark)} aria-hidden><path d={brand.path} /></svg>;
}
