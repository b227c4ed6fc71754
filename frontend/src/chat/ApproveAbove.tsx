/** From which cost on a plan waits for a person. */

import { useState } from "react";
import { useUi } from "../editor/store";

/** US dollars as a person writes them; null for what is no amount. Pure. */
export function amountOf(text: string): number | null {
  const amount = Number(text.trim().replace(",", ".").replace(/^\$\s*/, ""));
  return text.trim() !== "" && Number.isFinite(amount) && amount >= 0 ? amount : null;
}

/** The setting as a request carries it. */
export const limitOf = ({ approveAbove }: { approveAbove: number | null }): { approve_above_usd?: number } =>
  approveAbove === null ? {} : { approve_above_usd: approveAbove };

export function ApproveAbove() {
  const { approveAbove, setApproveAbove } = useUi();
  const [draft, setDraft] = useState<string | null>(null);
  const type = (text: string) => {
    setDraft(text);
    if (text.trim() === "" || amountOf(text) !== null) setApproveAbove(amountOf(text));
  };
  return (
    <label className="flex items-center gap-1 text-xs text-muted" title="A plan that may cost at least so much waits for your approval. Empty: never, unless the server is set otherwise. 0: every plan.">
      Ask me before plans above $
      <input inputMode="decimal" value={draft ?? approveAbove ?? ""} placeholder="never" maxLength={8} onChange={(event) => type(event.target.value)} onBlur={() => setDraft(null)}
        className="w-14 rounded-md border border-border bg-panel px-1.5 py-0.5 text-xs text-text placeholder:text-muted" />
    </label>
  );
}
