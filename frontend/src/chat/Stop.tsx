/** Ends a job between two steps of its work. */

import { Square } from "lucide-react";
import { cancelJob, type Job } from "../api/jobs";
import { useOpen } from "../editor/context";
import { Button } from "../ui/parts";
import { tellProblem } from "./resuming";

export function Stop({ job }: { job: Job }) {
  const { session } = useOpen();
  const stop = () => void cancelJob(job.id).then(() => session.lookNow(), tellProblem);
  return (
    <Button className="!gap-1 !px-2 !py-0.5 !text-xs" title="Stop the job; what it has done is kept" onClick={stop}>
      <Square size={11} fill="currentColor" aria-hidden />Stop
    </Button>
  );
}
