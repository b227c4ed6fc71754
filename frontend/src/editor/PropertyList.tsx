/** Free properties of an element: names with values. */

import { Plus, X } from "lucide-react";
import { useState } from "react";
import { Button, IconButton, INPUT } from "../ui/parts";
import type { Properties } from "./diagram";

export function PropertyList({ properties, onSave }: { properties: Properties; onSave(properties: Properties): void }) {
  const [name, setName] = useState("");
  const save = (key: string, value: string) => onSave({ ...properties, [key]: value });
  const remove = (key: string) => onSave(Object.fromEntries(Object.entries(properties).filter(([one]) => one !== key)));
  const add = () => {
    if (name.trim() && !(name.trim() in properties)) save(name.trim(), "");
    setName("");
  };
  return (
    <div>
      <p className="text-xs font-medium text-muted">Properties</p>
      {Object.entries(properties).map(([key, value]) => (
        <div key={key} className="mt-1 flex items-center gap-1">
          <span className="w-24 shrink-0 truncate text-sm" title={key}>{key}</span>
          <input aria-label={key} defaultValue={typeof value === "string" ? value : JSON.stringify(value)} className={INPUT} onBlur={(event) => { if (event.target.value !== value) save(key, event.target.value); }} />
          <IconButton label={`Remove ${key}`} onClick={() => remove(key)}><X size={14} aria-hidden /></IconButton>
        </div>
      ))}
      <div className="mt-1 flex gap-1">
        <input aria-label="New property" placeholder="New property, such as region" maxLength={100} value={name} onChange={(event) => setName(event.target.value)} onKeyDown={(event) => { if (event.key === "Enter") add(); }} className={INPUT} />
        <Button onClick={add} disabled={!name.trim()} aria-label="Add the property"><Plus size={14} aria-hidden /></Button>
      </div>
    </div>
  );
}
