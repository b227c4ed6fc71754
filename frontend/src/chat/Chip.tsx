import { X } from "lucide-react";

export function Chip({ label, onRemove }: { label: string; onRemove?: () => void }) {
  return (
    <span className="inline-flex max-w-44 items-center gap-1 rounded-full border border-border bg-panel px-2 py-0.5 text-xs">
      <span className="truncate">{label}</span>
      {onRemove && <button type="button" aria-label={`Do not talk about ${label}`} onClick={onRemove}><X size={12} aria-hidden /></button>}
    </span>
  );
}
