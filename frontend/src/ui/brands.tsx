/** Marks of well-known technologies; all others show their type's icon. */

import type { ReactNode } from "react";
import {
  siAngular, siApacheairflow, siApachecassandra, siApacheflink, siApachekafka, siApachespark, siArgo, siAuth0, siClickhouse, siCloudflare,
  siCockroachlabs, siDatadog, siDjango, siDocker, siElasticsearch, siEnvoyproxy, siExpress, siFastapi, siFlutter, siGithubactions, siGitlab,
  siGo, siGrafana, siGraphql, siIstio, siJenkins, siKibana, siKong, siKubernetes, siMariadb, siMongodb, siMqtt, siMysql, siNatsdotio,
  siNeo4j, siNextdotjs, siNginx, siNodedotjs, siOpentelemetry, siPostgresql, siPrometheus, siPython, siRabbitmq, siReact, siRedis,
  siSnowflake, siSpringboot, siStripe, siTerraform, siTraefikproxy, siVault, siVercel, siVuedotjs,
} from "simple-icons";
import { useLooks } from "./kinds";

interface Brand { title: string; hex: string; path: string }
const BY_NAME = new Map<string, Brand>([
  ["angular", siAngular], ["apache airflow", siApacheairflow], ["apache cassandra", siApachecassandra], ["apache flink", siApacheflink],
  ["apache kafka", siApachekafka], ["apache spark", siApachespark], ["argo cd", siArgo], ["auth0", siAuth0], ["clickhouse", siClickhouse],
  ["cloudflare", siCloudflare], ["cockroachdb", siCockroachlabs], ["datadog", siDatadog], ["django", siDjango], ["docker", siDocker],
  ["elasticsearch", siElasticsearch], ["envoy", siEnvoyproxy], ["express", siExpress], ["fastapi", siFastapi], ["flutter", siFlutter],
  ["github actions", siGithubactions], ["gitlab", siGitlab], ["go", siGo], ["grafana", siGrafana], ["graphql", siGraphql], ["istio", siIstio],
  ["jenkins", siJenkins], ["kibana", siKibana], ["kong", siKong], ["kubernetes", siKubernetes], ["mariadb", siMariadb], ["mongodb", siMongodb],
  ["mqtt", siMqtt], ["mysql", siMysql], ["nats", siNatsdotio], ["neo4j", siNeo4j], ["next.js", siNextdotjs], ["nginx", siNginx],
  ["node.js", siNodedotjs], ["opentelemetry", siOpentelemetry], ["postgresql", siPostgresql], ["prometheus", siPrometheus], ["python", siPython],
  ["rabbitmq", siRabbitmq], ["react", siReact], ["react native", siReact], ["redis", siRedis], ["snowflake", siSnowflake],
  ["spring boot", siSpringboot], ["stripe", siStripe], ["terraform", siTerraform], ["traefik", siTraefikproxy], ["hashicorp vault", siVault],
  ["vercel", siVercel], ["vue.js", siVuedotjs],
]);

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
