/** One session, live: the newest diagram, the own edits on top, the job, and the line to the server. */

import type { QueryClient } from "@tanstack/react-query";
import { isActive, type Job } from "../api/jobs";
import {
  type Change, type Changed, type Delta, poll, type Preview, readChanges, readSession, sendOps, type Session, type Step, takeStep,
} from "../api/sessions";
import { newKey, Problem } from "../api/client";
import { VIEW_ONLY, viewing } from "../api/identity";
import { type Diagram, EMPTY, fold, type Op } from "./diagram";
import { isMarked, mark, type Marks, NO_MARKS, seenVersion, setSeen } from "./marks";
import { confirm, drop, keep, next, type Outbox, push, rebase, restore, settle } from "./outbox";

export type Line = "connecting" | "online" | "offline" | "gone";

export interface Live {
  line: Line;
  version: number;
  /** What a person sees and edits. */
  diagram: Diagram;
  job: Job | null;
  preview: Preview | null;
  marks: Marks;
  /** Edits that are not yet safe on the server. */
  unsaved: number;
}

export const NOTHING: Live = {
  line: "connecting", version: 0, diagram: EMPTY, job: null, preview: null, marks: NO_MARKS, unsaved: 0,
};
export const liveKey = (id: string) => ["live", id] as const;

const BACKOFF_MAX_S = 15;

/** Keeps one session's state in the query cache: polls, sends edits in their order, rebases. One for each open page. */
export class LiveSession {
  private server: Diagram = EMPTY;
  private outbox: Outbox;
  private etag: string | null = null;
  private failures = 0;
  private sending: Promise<void> | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private polling: AbortController | null = null;
  private stopped = false;
  private state: Live = NOTHING;

  constructor(
    private readonly id: string,
    private readonly cache: QueryClient,
    private readonly tell: (message: string) => void,
  ) {
    this.outbox = restore(id);
  }

  start(): () => void {
    const look = () => void (document.hidden ? this.pause() : this.lookNow());
    document.addEventListener("visibilitychange", look);
    window.addEventListener("online", look);
    void this.load();
    return () => {
      this.stopped = true;
      this.pause();
      document.removeEventListener("visibilitychange", look);
      window.removeEventListener("online", look);
    };
  }

  /** Draw an edit at once and send it. */
  edit(ops: readonly Op[]): void {
    if (viewing && ops.length > 0) this.tell(VIEW_ONLY);
    if (ops.length === 0 || viewing) return;
    this.setOutbox(push(this.outbox, ops, newKey));
    this.publish({});
    void this.send();
  }

  /** Undo, redo, revert or tidy, after all own edits are safe. */
  async step(step: Step, body?: unknown): Promise<void> {
    try {
      await this.send();
      const done = await takeStep(this.id, step, body);
      this.take(done);
      const skipped = done.skipped?.length ?? 0;
      if (skipped > 0) this.tell(`${skipped} ${skipped === 1 ? "property was" : "properties were"} left alone, for somebody changed them since.`);
    } catch (error) {
      this.tell(error instanceof Problem ? error.detail : String(error));
    }
  }

  /** The marks have been looked at. */
  keepMarks(): void {
    setSeen(this.id, this.state.version);
    this.publish({ marks: NO_MARKS });
  }

  /** Poll now rather than when the last answer said. */
  lookNow(): void {
    clearTimeout(this.timer);
    if (!this.stopped && this.polling === null) void this.pollOnce();
  }

  private async load(): Promise<void> {
    try {
      const session = await readSession(this.id);
      if (this.stopped) return;
      this.reset(session);
      await this.markUnseen(session.version);
      void this.send();
      this.lookNow();
    } catch (error) {
      this.failed(error, () => void this.load());
    }
  }

  private reset(session: Session): void {
    this.server = diagramOf(session);
    this.etag = null;
    this.failures = 0;
    this.setOutbox(settle(this.outbox, session.version));
    this.publish({ line: "online", version: session.version });
  }

  private async markUnseen(version: number): Promise<void> {
    const seen = seenVersion(this.id);
    if (seen === null) setSeen(this.id, version);
    else if (seen < version) this.publish({ marks: mark(NO_MARKS, await readChanges(this.id, seen), this.label) });
  }

  private pause(): void {
    clearTimeout(this.timer);
    this.polling?.abort();
    this.polling = null;
  }

  private async pollOnce(): Promise<void> {
    const polling = new AbortController();
    this.polling = polling;
    try {
      const answer = await poll(this.id, this.state.version, this.etag, polling.signal);
      if (this.polling !== polling) return;
      this.etag = answer.headers.get("etag");
      this.failures = 0;
      if (answer.status === 200) await this.absorb(answer.body);
      else if (this.state.line !== "online") this.publish({ line: "online" });
      if (next(this.outbox)) void this.send();
      this.again(Number(answer.headers.get("retry-after") ?? "5"));
    } catch (error) {
      if (this.polling === polling) this.failed(error, () => this.lookNow());
    } finally {
      if (this.polling === polling) this.polling = null;
    }
  }

  private again(seconds: number): void {
    clearTimeout(this.timer);
    if (!this.stopped && !document.hidden) this.timer = setTimeout(() => this.lookNow(), seconds * 1000);
  }

  private failed(error: unknown, retry: () => void): void {
    if (this.stopped) return;
    if (error instanceof Problem && !error.passing) {
      this.publish({ line: "gone" });
      if (error.status !== 404) this.tell(error.detail);
      return;
    }
    this.failures += 1;
    this.publish({ line: "offline" });
    clearTimeout(this.timer);
    this.timer = setTimeout(retry, Math.min(BACKOFF_MAX_S, 2 ** (this.failures - 1)) * 1000);
  }

  private async absorb(delta: Delta): Promise<void> {
    if (delta.reset) {
      this.reset(await readSession(this.id));
      return;
    }
    const ended = isActive(this.state.job) && !isActive(delta.job);
    this.fold(delta.changes, { line: "online", job: delta.job, preview: delta.preview });
    if (ended) await this.cache.invalidateQueries({ queryKey: ["messages", this.id] });
  }

  /** Take in changes that follow the known version without a gap; others wait for a poll. */
  private fold(changes: readonly Change[], shown: Partial<Live> = {}): void {
    const fresh = changes.filter((change) => change.version > this.state.version);
    if (fresh.length > 0 && fresh[0]!.version !== this.state.version + 1) {
      this.publish(shown);
      this.lookNow();
      return;
    }
    const marks = mark(this.state.marks, fresh, this.label);
    this.server = fresh.reduce((diagram, change) => fold(diagram, change.ops), this.server);
    const version = fresh.at(-1)?.version ?? this.state.version;
    this.setOutbox(settle(this.outbox, version, fresh));
    if (fresh.length > 0 && !isMarked(marks)) setSeen(this.id, version);
    this.publish({ ...shown, marks, version });
  }

  private take(done: Changed): void {
    if (done.reset) this.lookNow();
    else this.fold([done.change]);
  }

  /** Send what waits, one edit after the other; resolves when nothing waits or the server cannot be reached. */
  private send(): Promise<void> {
    this.sending ??= this.sendAll().finally(() => {
      this.sending = null;
    });
    return this.sending;
  }

  private async sendAll(): Promise<void> {
    for (let edit = next(this.outbox); edit && !this.stopped; edit = next(this.outbox)) {
      try {
        const done = await sendOps(this.id, edit.ops, edit.key);
        this.setOutbox(confirm(this.outbox, edit.key, done.version));
        this.take(done);
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        if (error.passing) return this.failed(error, () => this.lookNow());
        this.setOutbox(drop(this.outbox, edit.key));
        this.publish({});
        this.tell(`The edit was taken back: ${error.detail}`);
      }
    }
  }

  private readonly label = (id: string): string | undefined => this.server.nodes.get(id)?.label;

  private setOutbox(outbox: Outbox): void {
    if (outbox === this.outbox) return;
    this.outbox = outbox;
    keep(this.id, outbox);
  }

  private publish(changed: Partial<Live>): void {
    const unsaved = this.outbox.filter((edit) => edit.version === undefined).length;
    this.state = { ...this.state, ...changed, unsaved, diagram: rebase(this.server, this.outbox) };
    this.cache.setQueryData(liveKey(this.id), this.state);
  }
}

export function diagramOf(session: Pick<Session, "title" | "nodes" | "edges" | "document">): Diagram {
  return {
    title: session.title,
    nodes: new Map(session.nodes.map((node) => [node.id, node as never])),
    edges: new Map(session.edges.map((edge) => [edge.id, edge as never])),
    sections: new Map(session.document.sections.map((section) => [section.slug, section as never])),
  };
}
