/** The start page: describe a system, or take up where one left off. */

import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { FilePlus2, FileUp, MoreHorizontal, Sparkles } from "lucide-react";
import { type FormEvent, useRef, useState } from "react";
import { newKey } from "../api/client";
import { listTemplates } from "../api/jobs";
import { createSession, deleteSession, exportFile, importSession, listSessions, type SessionRow } from "../api/sessions";
import { useUi } from "../editor/store";
import { addressOf } from "../place";
import { go } from "../router";
import { ApproveAbove, limitOf } from "../chat/ApproveAbove";
import { ModelChoice } from "../chat/ModelChoice";
import { attempt, reasonOf } from "../ui/attempt";
import { useLooks } from "../ui/kinds";
import { Button, Dropdown, IconButton } from "../ui/parts";
import { age } from "../ui/words";
import { EXAMPLES } from "./examples";
import { ThemeChoice } from "../ui/ThemeChoice";

/** Do something that opens a session, and say so when it fails. */
function useOpening() {
  const [busy, setBusy] = useState(false);
  const open = async (make: () => Promise<string>) => {
    setBusy(true);
    await attempt("The diagram could not be made", async () => go(`/s/${await make()}`));
    setBusy(false);
  };
  return { busy, open };
}

export function Start() {
  const { busy, open } = useOpening();
  return (
    <div className="h-full overflow-y-auto">
      <header className="mx-auto flex max-w-5xl items-center justify-between px-5 pt-5">
        <span className="flex items-center gap-2 text-base font-semibold"><img src={addressOf("/icon.svg")} alt="" className="size-7" />Archwright</span>
        <ThemeChoice />
      </header>
      <main className="mx-auto max-w-5xl px-5 pb-16">
        <h1 className="mb-1 mt-10 text-3xl font-semibold tracking-tight">What do you want to build?</h1>
        <p className="mb-5 text-muted">Describe a system in your words. Watch its architecture being drawn, then edit it together.</p>
        <Prompt busy={busy} open={open} />
        <Begin busy={busy} open={open} />
        <Sessions />
      </main>
    </div>
  );
}

type Opening = ReturnType<typeof useOpening>;

function Prompt({ busy, open }: Opening) {
  const [text, setText] = useState("");
  const [model, setModel] = useState<string | null>(null);
  const key = useRef({ text: "", key: "" });
  const box = useRef<HTMLTextAreaElement>(null);
  const draw = (event?: FormEvent) => {
    event?.preventDefault();
    if (!text.trim() || busy) return;
    const asked = { prompt: text, ...(model ? { model } : {}), ...limitOf(useUi.getState()) };
    const said = JSON.stringify(asked);
    if (key.current.text !== said) key.current = { text: said, key: newKey() };
    void open(() => createSession(asked, key.current.key));
  };
  return (
    <>
      <form onSubmit={draw} className="rounded-2xl border border-border bg-panel p-3 shadow-sm focus-within:border-accent">
        <textarea
          ref={box} value={text} onChange={(event) => setText(event.target.value)} rows={4} autoFocus aria-label="Describe a system"
          placeholder="A real-time chat application with web and mobile clients, an API gateway, …"
          className="w-full resize-y bg-transparent p-1 text-base outline-none placeholder:text-muted"
          onKeyDown={(event) => { if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) draw(); }}
        />
        <div className="flex flex-wrap items-center justify-between gap-2">
          <span className="flex flex-wrap items-center gap-x-4 gap-y-1"><ModelChoice value={model} onChange={setModel} /><ApproveAbove /></span>
          <Button type="submit" look="solid" disabled={busy || !text.trim()}><Sparkles size={16} aria-hidden />Draw it</Button>
        </div>
      </form>
      <ul aria-label="Examples" className="mt-3 flex flex-wrap gap-2">
        {EXAMPLES.map((example) => (
          <li key={example.title}>
            <button type="button" title={example.text} onClick={() => { setText(example.text); box.current?.focus(); }}
              className="rounded-full border border-border bg-panel px-3 py-1 text-sm text-muted hover:border-accent hover:text-text">
              {example.title}
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

function Begin({ busy, open }: Opening) {
  const { data } = useQuery({ queryKey: ["templates"], queryFn: listTemplates, staleTime: Infinity, meta: { unread: "The templates could not be read" } });
  const file = useRef<HTMLInputElement>(null);
  const tell = useUi((ui) => ui.tell);
  const read = async (chosen: File | undefined) => {
    if (!chosen) return;
    const content: unknown = await chosen.text().then(JSON.parse).catch(() => null);
    if (content === null) tell(`${chosen.name} holds no JSON.`);
    else void open(() => importSession(content));
  };
  return (
    <section aria-label="Other ways to begin" className="mt-8">
      <h2 className="mb-2 text-sm font-semibold text-muted">Or begin with</h2>
      <div className="flex flex-wrap gap-2">
        <Button disabled={busy} onClick={() => void open(() => createSession({ title: "Untitled" }))}><FilePlus2 size={16} aria-hidden />A blank canvas</Button>
        <Button disabled={busy} onClick={() => file.current?.click()}><FileUp size={16} aria-hidden />A JSON file</Button>
        <input ref={file} type="file" accept=".json,application/json" className="hidden" aria-label="JSON file" onChange={(event) => { void read(event.target.files?.[0]); event.target.value = ""; }} />
        {data?.map((template) => (
          <Button key={template.id} disabled={busy} onClick={() => void open(() => createSession({ template: template.id }))}>
            {template.title}<span className="text-xs font-normal text-muted">{template.nodes}</span>
          </Button>
        ))}
      </div>
    </section>
  );
}

function Sessions() {
  const { data, fetchNextPage, hasNextPage, isPending, error } = useInfiniteQuery({
    queryKey: ["sessions"],
    queryFn: ({ pageParam }) => listSessions(pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    staleTime: 0,
    refetchOnMount: "always",
  });
  const rows = data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <section aria-label="Your diagrams" className="mt-10">
      <h2 className="mb-2 text-sm font-semibold text-muted">Your diagrams</h2>
      {error && <p role="alert" className="text-bad">The list cannot be read: {reasonOf(error)}</p>}
      {!isPending && !error && rows.length === 0 && <p className="text-muted">Nothing here yet. What you draw will be listed here.</p>}
      <ul className="grid grid-cols-[repeat(auto-fill,minmax(15rem,1fr))] gap-4">
        {rows.map((row) => <Row key={row.id} row={row} />)}
      </ul>
      {hasNextPage && <Button className="mt-4" onClick={() => void fetchNextPage()}>Show more</Button>}
    </section>
  );
}

function Row({ row }: { row: SessionRow }) {
  const cache = useQueryClient();
  const path = `/s/${row.id}`;
  const remove = async () => {
    if (!window.confirm(`Delete “${row.title}” for good?`)) return;
    await attempt("The diagram could not be deleted", () => deleteSession(row.id));
    await cache.invalidateQueries({ queryKey: ["sessions"] });
  };
  return (
    <li className="group relative overflow-hidden rounded-xl border border-border bg-panel hover:border-accent">
      <a href={addressOf(path)} onClick={(event) => { if (!event.metaKey && !event.ctrlKey) { event.preventDefault(); go(path); } }} className="block">
        <span data-picture="" className="flex h-32 items-center justify-center bg-canvas p-2 text-xs text-muted">
          {row.node_count > 0 ? <Picture row={row} /> : "Empty"}
        </span>
        <span className="block border-t border-border px-3 py-2">
          <span className="block truncate pr-8 font-medium">{row.title}</span>
          <span className="text-xs text-muted">{age(row.updated_at)} · {row.node_count} nodes{row.active_job ? " · drawing …" : ""}</span>
        </span>
      </a>
      <span className="absolute bottom-2 right-2">
        <Dropdown label={`More for ${row.title}`} trigger={<IconButton label={`More for ${row.title}`}><MoreHorizontal size={16} aria-hidden /></IconButton>}
          choices={[{ label: "Delete …", danger: true, onSelect: () => void remove() }]} />
      </span>
    </li>
  );
}

/** The diagram, small; asked for anew only when it has changed. */
function Picture({ row }: { row: SessionRow }) {
  const { dark } = useLooks();
  const { data, isError } = useQuery({
    queryKey: ["picture", row.id, row.version, dark],
    queryFn: async () => (await exportFile(row.id, "svg", dark ? "dark" : "light")).text(),
    staleTime: Infinity,
  });
  if (isError) return "The picture could not be read.";
  return data ? <img src={`data:image/svg+xml;utf8,${encodeURIComponent(data)}`} alt="" className="max-h-full max-w-full" /> : null;
}
