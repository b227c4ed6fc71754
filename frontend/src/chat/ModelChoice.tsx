/** Which model answers: always visible, with what it is. */

import { useQuery } from "@tanstack/react-query";
import { listModels, type Model } from "../api/jobs";

/** The models there are, and the chosen one: the server's default while nobody chose. */
export function useModels(value: string | null): { models: readonly Model[]; chosen: Model | undefined } {
  const { data } = useQuery({ queryKey: ["models"], queryFn: listModels, staleTime: Infinity });
  const models = data?.items ?? [];
  return { models, chosen: models.find((model) => model.id === (value ?? data?.default)) };
}

export function ModelChoice({ value, onChange, small = false }: { value: string | null; onChange(model: string): void; small?: boolean }) {
  const { models, chosen } = useModels(value);
  return (
    <span className="flex min-w-0 items-center gap-2 text-xs text-muted">
      <select aria-label="Model" value={chosen?.id ?? ""} onChange={(event) => onChange(event.target.value)}
        className="max-w-44 rounded-md border border-border bg-panel px-1.5 py-1 text-xs text-text">
        {models.map((model) => <option key={model.id} value={model.id}>{model.label}</option>)}
      </select>
      {chosen?.rule_based && <span className={small ? "truncate" : ""} title={chosen.description}>rule-based, no language model</span>}
    </span>
  );
}
