/** Whether a job was of use; a comment may follow. */

import { ThumbsDown, ThumbsUp } from "lucide-react";
import { useState } from "react";
import { type Job, rateJob } from "../api/jobs";
import { attempt } from "../ui/attempt";
import { IconButton, INPUT } from "../ui/parts";

export function Rating({ job }: { job: Job }) {
  const [rating, setRating] = useState<"up" | "down" | null>(null);
  const [comment, setComment] = useState("");
  const [sent, setSent] = useState(false);
  const rate = async (wanted: "up" | "down", text = "") => {
    const done = await attempt("The rating was not taken", () => rateJob(job.id, wanted, text));
    if (done) setRating(wanted);
    return done;
  };
  return (
    <span className="ml-1 inline-flex items-center align-middle">
      <IconButton label="This was of use" pressed={rating === "up"} onClick={() => void rate("up")} className="!size-6"><ThumbsUp size={13} aria-hidden /></IconButton>
      <IconButton label="This was of no use" pressed={rating === "down"} onClick={() => void rate("down")} className="!size-6"><ThumbsDown size={13} aria-hidden /></IconButton>
      {rating && !sent && (
        <form className="ml-1 flex gap-1" onSubmit={(event) => { event.preventDefault(); void rate(rating, comment).then(setSent); }}>
          <input aria-label="Comment on the job" value={comment} maxLength={4_000} placeholder="Why? (optional)" onChange={(event) => setComment(event.target.value)} className={`${INPUT} !py-0.5 text-xs`} />
        </form>
      )}
      {sent && <span className="ml-1">Thank you.</span>}
    </span>
  );
}
