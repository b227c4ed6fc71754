/** What a job did: the tool calls of the turns that are saved. */

import { useQuery } from "@tanstack/react-query";
import { type Job, readTrace } from "../api/jobs";

export function Calls({ job, live = false }: { job: Job; live?: boolean }) {
  const { data } = useQuery({ queryKey: ["trace", job.id, job.turn, job.status], queryFn: () => readTrace(job.id), placeholderData: (before) => before, meta: { unread: "What the job did could not be read" } });
  const calls = data?.flatMap((turn) => turn.tool_calls) ?? [];
  if (calls.length === 0) return null;
  return (
    <ul aria-label="Tool calls" className={`mt-2 space-y-0.5 overflow-y-auto text-xs text-muted ${live ? "max-h-28" : "max-h-60"}`} tabIndex={0}>
      {(live ? calls.slice(-30) : calls).map((call) => <li key={call.id} className={call.is_error ? "text-bad" : ""}>{said(call.name, call.input)}{call.is_error ? " (refused)" : ""}</li>)}
    </ul>
  );
}

/** A tool call in a few words. Pure. */
export function said(name: string, input: Record<string, unknown>): string {
  const text = (key: string) => (typeof input[key] === "string" ? (input[key] as string) : "");
  const ends = text("source") && text("target") ? `${text("source")} → ${text("target")}` : "";
  const steps = Array.isArray(input["steps"]) ? `${input["steps"].length} steps` : "";
  const what = text("label") && !ends ? text("label") : ends || text("id") || text("title") || text("topic") || text("question") || text("query") || steps;
  return `${name.replaceAll("_", " ")}${what ? `: ${what}` : ""}`;
}
