/** The conversation with the agent. */

import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useRef } from "react";
import { ENDED, isActive } from "../api/jobs";
import { type Message, readMessages } from "../api/sessions";
import { useLive, useOpen } from "../editor/context";
import { Chip } from "./Chip";
import { Composer, useSending } from "./Composer";
import { EndedJob } from "./EndedJob";
import { RunningJob } from "./JobCard";
import { nextSteps } from "./suggestions";
import { Words } from "./Words";

export function Chat() {
  const { id } = useOpen();
  const job = useLive((live) => live.job);
  const { data: messages } = useQuery({ queryKey: ["messages", id], queryFn: () => readMessages(id), staleTime: 5_000, meta: { unread: "The conversation could not be read" } });
  const end = useRef<HTMLDivElement>(null);
  const sending = useSending();
  const last = messages?.at(-1);
  const steps = useMemo(() => (last?.role === "assistant" ? nextSteps(last.text) : []), [last]);
  const asked = useMemo(() => (messages ?? []).filter((message) => message.role === "user").map((message) => message.text), [messages]);
  useEffect(() => {
    end.current?.scrollIntoView({ block: "end" });
  }, [messages, job?.status, job?.progress.message, sending.waiting]);
  return (
    <div className="flex h-full flex-col">
      <div className="min-h-0 flex-1 space-y-3 overflow-y-auto p-3" tabIndex={0} role="log" aria-label="Messages">
        {(messages ?? []).length === 0 && !sending.waiting && <p className="text-muted">Say what to draw or change. Select nodes to talk about them.</p>}
        {(messages ?? []).map((message, at) => <Bubble key={message.id} message={message} last={at === (messages ?? []).length - 1} />)}
        {sending.waiting && <p className="ml-8 rounded-xl bg-accent-soft px-3 py-2 opacity-60">{sending.waiting}</p>}
        {isActive(job) && <RunningJob job={job} />}
        {job && ENDED.has(job.status) && job.status !== "succeeded" && <EndedJob key={job.id} job={job} onRetry={sending.send} messages={messages ?? []} />}
        <div ref={end} />
      </div>
      <Composer sending={sending} steps={steps} asked={asked} />
    </div>
  );
}

function Bubble({ message, last }: { message: Message; last: boolean }) {
  const diagram = useLive((live) => live.diagram);
  const job = useLive((live) => live.job);
  if (message.role === "user") {
    return (
      <div className="ml-8 rounded-xl bg-accent-soft px-3 py-2">
        {message.focus.length > 0 && <p className="mb-1 flex flex-wrap gap-1">{message.focus.map((id) => <Chip key={id} label={diagram.nodes.get(id)?.label ?? id} />)}</p>}
        <p className="whitespace-pre-wrap [overflow-wrap:anywhere]">{message.text}</p>
      </div>
    );
  }
  return (
    <div>
      <div className="words [overflow-wrap:anywhere]"><Words text={message.text} /></div>
      {last && job?.status === "succeeded" && job.id === message.job_id && <EndedJob job={job} messages={[]} />}
    </div>
  );
}
