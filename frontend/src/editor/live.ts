/** One session, live: the newest diagram, the own edits on top, the job, and the line to the server. */

import type { QueryClient } from "@tanstack/react-query";
import { isActive, type Job } from "../api/jobs";
import { type Change, type Delta, poll, type Preview, readChanges, readSession, type Session, type Step } from "../api/sessions";
import { Problem } from "../api/client";
import { VIEW_ONLY, viewing } from "../api/identity";
import { type Diagram, EMPTY, fold, type Op } from "./diagram";
import { isMarked, mark, type Marks, NO_MARKS, seenVersion, setSeen } from "./marks";
import { rebase } from "./outbox";
import { Outgoing } from "./outgoing";

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
  private readonly outgoing: Outgoing;
  private etag: string | null = null;
  private failures = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private polling: AbortController | null = null;
  private stopped = false;
  private state: Live = NOTHING;

  constructor(
    private readonly id: string,
    private readonly cache: QueryClient,
    private readonly tell: (message: string) => void,
  ) {
    this.outgoing = new Outgoing(id, {
      tell,
      made: (done) => (done.reset ? this.lookNow() : this.fold([done.change])),
      changed: () => this.publish({}),
      failed: (error) => this.failed(error, () => this.lookNow()),
    });
  }

  start(): () => void {
    const look = () => void (document.hidden ? this.pause() : this.lookNow());
    document.addEventListener("visibilitychange", look);
    window.addEventListener("online", look);
    void this.load();
    return () => {
      this.stopped = true;
      this.outgoing.stop();
      this.pause();
      document.removeEventListener("visibilitychange", look);
      window.removeEventListener("online", look);
    };
  }

  /** Draw an edit at once and send it. */
  edit(ops: readonly Op[]): void {
    if (viewing && ops.length > 0) this.tell(VIEW_ONLY);
    if (ops.length > 0 && !viewing) this.outgoing.edit(ops);
  }

  /** Resolves when all own edits are safe; rejects with a reason when they cannot be sent for now. */
  flush(): Promise<void> {
    return this.outgoing.flush();
  }

  /** Undo, redo, revert or tidy, after all own edits are safe. */
  step(step: Step, body?: unknown): Promise<void> {
    return this.outgoing.step(step, body);
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
      void this.outgoing.send();
      this.lookNow();
    } catch (error) {
      this.failed(error, () => void this.load());
    }
  }

  private reset(session: Session, shown: Partial<Live> = {}): void {
    this.server = diagramOf(session);
    this.etag = null;
    this.failures = 0;
    this.outgoing.settle(session.version);
    this.publish({ ...shown, line: "online", version: session.version });
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
      void this.outgoing.send();
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
    const ended = isActive(this.state.job) && !isActive(delta.job);
    const shown: Partial<Live> = { line: "online", job: delta.job, preview: delta.preview };
    if (delta.reset) this.reset(await readSession(this.id), shown);
    else this.fold(delta.changes, shown);
    if (ended || delta.reset) await this.cache.invalidateQueries({ queryKey: ["messages", this.id] });
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
    this.outgoing.settle(version, fresh);
    if (fresh.length > 0 && !isMarked(marks)) setSeen(this.id, version);
    this.publish({ ...shown, marks, version });
  }

  private readonly label = (id: string): string | undefined => this.server.nodes.get(id)?.label;

  private publish(changed: Partial<Live>): void {
    const { outbox, unsaved } = this.outgoing;
    this.state = { ...this.state, ...changed, unsaved: unsaved.length, diagram: rebase(this.server, outbox) };
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
