/** The end of a form that approves or refuses. Enter in the reason decides nothing. */

import { type ReactNode, useState } from "react";
import { Button, INPUT } from "../ui/parts";

interface DecisionProps { approve: ReactNode; allowed: boolean; sent: boolean; onApprove(reason: string): void; onRefuse(reason: string): void }

export function Decision({ approve, allowed, sent, onApprove, onRefuse }: DecisionProps) {
  const [reason, setReason] = useState("");
  return (
    <fieldset disabled={sent}>
      <input aria-label="Reason (optional)" placeholder="Why not, or what instead (optional)" value={reason} maxLength={2_000}
        onChange={(event) => setReason(event.target.value)} className={`${INPUT} mb-2`} />
      <div className="flex flex-wrap gap-2">
        <Button look="solid" disabled={!allowed} onClick={() => onApprove(reason.trim())}>{approve}</Button>
        <Button className="border border-border !bg-panel" onClick={() => onRefuse(reason.trim())}>Refuse</Button>
      </div>
    </fieldset>
  );
}
