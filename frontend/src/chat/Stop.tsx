/** Ends a job between two steps of its work. */

import { Square } from "lucide-react";
import { cancelJob, type Job } from "../api/jobs";
import { useOpen } from "../editor/context";
import { attempt } from "../ui/attempt";
import { Button } from "../ui/parts";

export function Stop({ job }: { job: Job }) {
  const { session } = useOpen();
  const stop = () => void attempt("The job could not be stopped", async () => {
    await cancelJob(job.id);
    session.lookNow();
  });
  return (
    <Button className="!gap-1 !px-2 !py-0.5 !text-xs" title="Stop the job; what it has done is kept" onClick={stop}>
      <Square size={11} fill="currentColor" aria-hidden />Stop
    </Button>
  );
}
