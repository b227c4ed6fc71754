/** Lines as SVG paths. Pure. */

import type { Point } from "../editor/diagram";

const RADIUS = 8;

/** A path along straight legs with round corners. */
export function roundedPath(route: readonly Point[]): string {
  const [first, ...rest] = route;
  if (first === undefined) return "";
  let path = `M${first.x},${first.y}`;
  rest.forEach((corner, at) => {
    const before = route[at]!, after = rest[at + 1];
    if (after === undefined) {
      path += `L${corner.x},${corner.y}`;
      return;
    }
    const into = towards(corner, before), out = towards(corner, after);
    path += `L${into.x},${into.y}Q${corner.x},${corner.y} ${out.x},${out.y}`;
  });
  return path;
}

function towards(from: Point, to: Point): Point {
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  const share = length === 0 ? 0 : Math.min(RADIUS, length / 2) / length;
  return { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share };
}

/** Where a label reads best: the middle of the longest level leg, else of the longest. */
export function labelPlace(route: readonly Point[]): Point {
  let best: Point = route[0] ?? { x: 0, y: 0 };
  let most = -1;
  for (let at = 1; at < route.length; at += 1) {
    const a = route[at - 1]!, b = route[at]!;
    const level = Math.abs(a.y - b.y) < 1;
    const length = Math.hypot(b.x - a.x, b.y - a.y) * (level ? 2 : 1);
    if (length > most) {
      most = length;
      best = { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
    }
  }
  return best;
}

const LINE_CHARACTERS = 22;

/** A label broken into lines about as wide as the server's layout leaves room for. */
export function labelLines(label: string): string[] {
  const lines: string[] = [];
  for (const word of label.split(/\s+/).filter(Boolean)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= LINE_CHARACTERS) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
