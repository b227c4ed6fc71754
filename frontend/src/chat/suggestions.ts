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

const MANAGED = /\b(managed|amazon|aws|aurora|azure|google|cloud|atlas|serverless)\b/i;
/** What a request to add something makes, by the words for it. */
const MADE: readonly [RegExp, readonly string[]][] = [
  [/\bmonitoring\b/i, ["monitoring"]],
  [/\b(auth|sign-?in|log-?in|identity)\b/i, ["auth"]],
  [/\bcache\b/i, ["cache"]],
  [/\b(queue|stream|message broker)\b/i, ["queue", "stream"]],
  [/\bload balancer\b/i, ["loadbalancer", "gateway"]],
  [/\bcdn\b/i, ["cdn"]],
];

/** The ideas that are still to be done: neither asked for in these messages, nor there in the diagram. Pure. */
export function stillOpen(ideas: readonly string[], diagram: Diagram, asked: readonly string[]): string[] {
  const said = new Set(asked.map(plainly));
  return ideas.filter((idea) => !said.has(plainly(idea)) && !isDone(idea, diagram));
}

function plainly(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, " ").trim();
}

/** Whether what an idea would make stands where it would stand: at the node that it names, or anywhere. */
function isDone(idea: string, diagram: Diagram): boolean {
  const nodes = [...diagram.nodes.values()];
  const named = nodes.filter((node) => ` ${plainly(idea)} `.includes(` ${plainly(node.label)} `));
  const touching = (node: Node) => [...diagram.edges.values()].filter((edge) => edge.source === node.id || edge.target === node.id);
  if (/^make\b.*\bmanaged\b/i.test(idea)) return named.length > 0 && named.every((node) => MANAGED.test(node.technology));
  if (!/^(add|insert|put|introduce)\b/i.test(idea)) return false;
  if (/\breplica\b/i.test(idea)) return (named.length > 0 ? named : nodes).some((node) => touching(node).some((edge) => edge.kind === "replication"));
  const types = MADE.find(([words]) => words.test(idea))?.[1];
  if (!types) return false;
  const places = named.filter((node) => !types.includes(node.type));
  if (places.length === 0) return nodes.some((node) => types.includes(node.type));
  return places.every((node) => touching(node).some((edge) => types.includes(diagram.nodes.get(edge.source === node.id ? edge.target : edge.source)?.type ?? "")));
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
    databases.length > 0 && !MANAGED.test(databases[0]!.technology) && `Make ${first(databases)} a managed service`,
    services.length > 0 && of("auth").length === 0 && "Add sign-in for users",
    services.length > 3 && of("group").length === 0 && "Group the services",
  ];
  return ideas.filter((idea): idea is string => idea !== false).slice(0, MOST);
}
