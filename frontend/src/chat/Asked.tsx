/** What a job waits for, as a form. */

import type { Awaiting, Job } from "../api/jobs";
import { Approval } from "./Approval";
import { Questions } from "./Questions";

export default function Asked({ job, awaiting }: { job: Job; awaiting: Awaiting }) {
  return awaiting.kind === "question" ? <Questions job={job} awaiting={awaiting} /> : <Approval job={job} awaiting={awaiting} />;
}
