/** What one might ask next, told from the diagram alone: no model is asked. Pure. */

import type { Diagram, Node } from "../editor/diagram";

const MOST = 3;

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
