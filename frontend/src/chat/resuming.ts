/** Answering a job that waits for a person, and who has the keyboard meanwhile. */

import { type RefObject, useEffect, useRef, useState } from "react";
import { type Answer, type Job, resumeJob } from "../api/jobs";
import { useOpen } from "../editor/context";
import { useUi } from "../editor/store";
import { reasonOf } from "../ui/attempt";

export const tellProblem = (error: unknown) => useUi.getState().tell(reasonOf(error));

/** Sends an answer once; `sent` holds until the job has taken it up, for then the form goes. */
export function useResuming(job: Job): { sent: boolean; send(answer: Answer): void } {
  const { session } = useOpen();
  const [sent, setSent] = useState(false);
  const send = (answer: Answer) => {
    setSent(true);
    resumeJob(job.id, answer).then(
      () => {
        session.lookNow();
        if (isFree(document.activeElement) || document.activeElement?.matches(":disabled")) messageBox()?.focus({ preventScroll: true });
      },
      (error: unknown) => {
        setSent(false);
        tellProblem(error);
        session.lookNow();
      },
    );
  };
  return { sent, send };
}

const messageBox = () => document.querySelector<HTMLTextAreaElement>("[data-message-box]");

/** Whether a form that appears may have the keyboard: nobody is typing, choosing or searching elsewhere. */
export function isFree(active: Element | null): boolean {
  if (!(active instanceof HTMLElement) || active === document.body) return true;
  if (active.matches("[data-message-box]")) return (active as HTMLTextAreaElement).value === "";
  return !active.isContentEditable && !active.matches("input, textarea, select") && active.closest("[role=dialog], [role=menu]") === null;
}

/** Bring a form that appears into view, and the keyboard to what in it is marked `data-first`, if nobody types. */
export function useArrival(): RefObject<HTMLElement | null> {
  const form = useRef<HTMLElement>(null);
  useEffect(() => {
    form.current?.scrollIntoView({ block: "nearest" });
    if (isFree(document.activeElement)) form.current?.querySelector<HTMLElement>("[data-first]")?.focus({ preventScroll: true });
  }, []);
  return form;
}
