/** Which model answers: always visible, with what it is. */

import { useQuery } from "@tanstack/react-query";
import { listModels } from "../api/jobs";

export function ModelChoice({ value, onChange, small = false }: { value: string | null; onChange(model: string): void; small?: boolean }) {
  const { data } = useQuery({ queryKey: ["models"], queryFn: listModels, staleTime: Infinity, meta: { unread: "The models could not be read" } });
  const chosen = data?.items.find((model) => model.id === (value ?? data.default));
  return (
    <span className="flex min-w-0 items-center gap-2 text-xs text-muted">
      <select aria-label="Model" value={chosen?.id ?? ""} onChange={(event) => onChange(event.target.value)}
        className="max-w-44 rounded-md border border-border bg-panel px-1.5 py-1 text-xs text-text">
        {data?.items.map((model) => <option key={model.id} value={model.id}>{model.label}</option>)}
      </select>
      {chosen?.rule_based && <span className={small ? "truncate" : ""} title={chosen.description}>rule-based, no language model</span>}
    </span>
  );
}
