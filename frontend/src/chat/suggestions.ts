/** What one might ask next: what the agent proposed last, else what the diagram tells. No model is asked. Pure. */

import type { Diagram, Node } from "../editor/diagram";

const MOST = 3;
const LONGEST = 300;
const ITEM = /^\s*(?:[-*•]|\d+[.)])\s+(.+)$/;

/** The next steps that a message of the agent ends with, as one would ask for them; none when it ends otherwise. */
export function nextSteps(text: string): string[] {
  const lines = text.trimEnd().split("\n").filter((line) => line.trim() !== "");
  const before = lines.findLastIndex((line) => !ITEM.test(line));
  const steps = lines.slice(before + 1).map((line) => asked(ITEM.exec(line)![1]!));
  return steps.length <= MOST ? steps.filter((step) => step !== "" && step.length <= LONGEST) : [];
}

/** An item without its markdown; of one that quotes what to say, the quotation. */
function asked(item: string): string {
  const plain = item.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").replace(/\*\*|__|`/g, "").trim();
  return /^["“]([^"”]+)["”]/.exec(plain)?.[1] ?? plain;
}

export function suggestions(diagram: Diagram): string[] {
  const nodes = [...diagram.nodes.values()];
  const of = (...types: string[]) => nodes.filter((node) => types.includes(node.type));
  const first = (found: readonly Node[]) => found[0]!.label;
  const databases = of("database");
  const services = of("service", "api", "server", "function");
  const ideas = [
    databases.length > 0 && of("cache").length === 0 && `Add a cache in front of ${first(databases)}`,
    services.length > 1 && of("monitoring").length === 0 && "Add monitoring to all services",
    services.length > 1 && of("queue", "stream").length === 0 && `Insert a queue between ${services[0]!.label} and ${services[1]!.label}`,
    services.length > 1 && of("gateway", "loadbalancer").length === 0 && `Add a load balancer in front of ${first(services)}`,
    databases.length > 0 && `Make ${first(databases)} a managed service`,
    services.length > 0 && of("auth").length === 0 && "Add sign-in for users",
    services.length > 3 && of("group").length === 0 && "Group the services",
  ];
  return ideas.filter((idea): idea is string => idea !== false).slice(0, MOST);
}
