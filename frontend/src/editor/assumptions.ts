/** What the agent assumed because nobody said it: sections of the document whose slug says so. Pure. */

import type { Diagram, Section } from "./diagram";

const PREFIX = "assumption-";
const RESTS = /^\*\*Rests on it:\*\*[ \t]*(.*)$/m;

export interface Assumption {
  /** The slug of its section. */
  id: string;
  topic: string;
  text: string;
  /** The nodes that would be others if it did not hold, of those that exist. */
  restsOn: string[];
}

export const isAssumption = (section: Pick<Section, "slug">) => section.slug.startsWith(PREFIX);

/** All assumptions, in the order of the document. */
export function assumptions(diagram: Diagram): Assumption[] {
  return [...diagram.sections.values()]
    .filter(isAssumption)
    .sort((a, b) => a.position - b.position || (a.slug < b.slug ? -1 : 1))
    .map((section) => read(section, diagram));
}

function read(section: Section, diagram: Diagram): Assumption {
  const named = RESTS.exec(section.body)?.[1]?.match(/[^\s,`]+/g) ?? [];
  return {
    id: section.slug,
    topic: section.title,
    text: section.body.replace(RESTS, "").trim(),
    restsOn: [...new Set(named)].filter((id) => diagram.nodes.has(id)),
  };
}
