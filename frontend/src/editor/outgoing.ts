/** What goes out to the server: edits in their order, one at a time, and between them undo, redo, revert and tidy. */

import { type Changed, sendOps, type Step, takeStep } from "../api/sessions";
import { newKey, Problem } from "../api/client";
import { reasonOf } from "../ui/attempt";
import type { Op } from "./diagram";
import { confirm, drop, keep, next, type Outbox, push, restore, settle } from "./outbox";

/** Who is told of what comes of it. */
export interface Ends {
  /** The server has made a change. */
  made(done: Changed): void;
  /** Edits were added, or taken back. */
  changed(): void;
  /** The server cannot be reached for now; `send` is to be called again later. */
  failed(error: unknown): void;
  tell(message: string): void;
}

const TRIES_S = [0, 1, 2] as const;
const UNDONE: Record<Step, string> = {
  undo: "Nothing was undone", redo: "Nothing was done again", revert: "Nothing was reverted", layout: "Nothing was tidied",
};

export class Outgoing {
  outbox: Outbox;
  private sending: Promise<void> | null = null;
  private steps: Promise<void> = Promise.resolve();
  /** While a step waits or is taken: the edits before it. Those after it wait for it. */
  private before: ReadonlySet<string> | null = null;
  private readonly refused = new Set<string>();
  private stopped = false;

  constructor(private readonly id: string, private readonly ends: Ends) {
    this.outbox = restore(id);
  }

  stop(): void {
    this.stopped = true;
  }

  /** Edits that are not yet safe on the server. */
  get unsaved(): string[] {
    return this.outbox.filter((edit) => edit.version === undefined).map((edit) => edit.key);
  }

  edit(ops: readonly Op[]): void {
    this.set(push(this.outbox, ops, newKey));
    this.ends.changed();
    void this.send();
  }

  /** Forget what has come back as a change, or was taken at a version that the diagram has reached. */
  settle(...known: Parameters<typeof settle> extends [Outbox, ...infer Rest] ? Rest : never): void {
    this.set(settle(this.outbox, ...known));
  }

  /** Send what waits, one edit after the other; resolves when nothing waits or the server cannot be reached. */
  send(): Promise<void> {
    this.sending ??= this.sendAll().finally(() => {
      this.sending = null;
    });
    return this.sending;
  }

  /** Resolves when the edits made so far are safe. Rejects with a reason when they cannot be sent for now. */
  async flush(edits: readonly string[] = this.unsaved): Promise<void> {
    for (const seconds of TRIES_S) {
      const unsaved = this.unsaved;
      if (!edits.some((key) => unsaved.includes(key))) return;
      await pause(seconds);
      await this.send();
    }
    const unsaved = this.unsaved;
    if (edits.some((key) => unsaved.includes(key))) throw new Error("The edits before it are not saved yet.");
  }

  /** Take a step once all edits before it are safe, and before those that are made after it: so an undo takes back
   *  what was done last when it was asked for, or nothing. */
  step(step: Step, body?: unknown): Promise<void> {
    const before = this.unsaved;
    this.steps = this.steps.then(() => this.inTurn(step, body, before));
    return this.steps;
  }

  private async inTurn(step: Step, body: unknown, before: readonly string[]): Promise<void> {
    this.before = new Set(before);
    try {
      await this.flush(before);
      const takenBack = step === "undo" && this.refused.has(before.at(-1) ?? "");
      if (!takenBack) this.report(await this.take(step, body));
    } catch (error) {
      this.ends.tell(`${UNDONE[step]}: ${reasonOf(error)}`);
    } finally {
      this.before = null;
      void this.send();
    }
  }

  /** The same key each time, so that a step whose answer was lost is not taken twice. */
  private async take(step: Step, body: unknown): Promise<Changed> {
    const key = newKey();
    let problem: unknown;
    for (const seconds of TRIES_S) {
      await pause(seconds);
      try {
        return await takeStep(this.id, step, body, key);
      } catch (error) {
        problem = error;
        if (!(error instanceof Problem && error.passing)) break;
      }
    }
    throw problem;
  }

  private report(done: Changed): void {
    this.ends.made(done);
    const skipped = done.skipped?.length ?? 0;
    if (skipped > 0) this.ends.tell(`${skipped} ${skipped === 1 ? "property was" : "properties were"} left alone, for somebody changed them since.`);
  }

  private async sendAll(): Promise<void> {
    for (let edit = this.next(); edit && !this.stopped; edit = this.next()) {
      try {
        const done = await sendOps(this.id, edit.ops, edit.key);
        this.set(confirm(this.outbox, edit.key, done.version));
        this.ends.made(done);
      } catch (error) {
        if (!(error instanceof Problem) || error.passing) return this.ends.failed(error);
        this.refused.add(edit.key);
        this.set(drop(this.outbox, edit.key));
        this.ends.changed();
        this.ends.tell(`The edit was taken back: ${error.detail}`);
      }
    }
  }

  private next() {
    const edit = next(this.outbox);
    return edit && (this.before === null || this.before.has(edit.key)) ? edit : undefined;
  }

  private set(outbox: Outbox): void {
    if (outbox === this.outbox) return;
    this.outbox = outbox;
    keep(this.id, outbox);
  }
}

const pause = (seconds: number) => (seconds === 0 ? Promise.resolve() : new Promise<void>((resolve) => setTimeout(resolve, seconds * 1000)));
