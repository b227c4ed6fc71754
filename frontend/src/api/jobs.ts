/** Jobs, models, and what there is to choose from. */

import { ask, newKey, type Schema } from "./client";

export type Job = Schema["JobOut"];
export type Awaiting = Schema["Awaiting"];
export type PlanStep = Schema["PlanStep"];
export type Answer = Partial<Schema["Resumed"]>;
export type Model = Schema["ModelOut"];
export type Kind = Schema["KindOut"];
export type Technology = Schema["TechnologyOut"];
export type Template = Schema["TemplateOut"];
export type StepStatus = "pending" | "running" | "done" | "failed" | "skipped";
export interface Ticked { id: string; title: string; status: StepStatus }
export interface TracedCall { id: string; name: string; input: Record<string, unknown>; is_error: boolean; version: number | null }
export interface TracedTurn { turn: number; model: string; total_ms: number; tool_calls: TracedCall[] }

export const ENDED: ReadonlySet<string> = new Set(["succeeded", "failed", "cancelled", "incomplete"]);

export const isActive = (job: Job | null): job is Job => job !== null && !ENDED.has(job.status);

/** The checklist of the job's plan; empty without one. */
export const checklist = (job: Job): Ticked[] => (job.progress.steps ?? []) as unknown as Ticked[];

export async function cancelJob(id: string): Promise<void> {
  await ask("POST", `/jobs/${id}/cancel`, { key: newKey() });
}

export async function resumeJob(id: string, answer: Answer): Promise<void> {
  await ask("POST", `/jobs/${id}/resume`, { key: newKey(), body: answer });
}

export async function rateJob(id: string, rating: "up" | "down", comment = ""): Promise<void> {
  await ask("POST", `/jobs/${id}/feedback`, { key: newKey(), body: { rating, comment } });
}

interface TracePart { turns: TracedTurn[]; next_cursor?: string }

export async function readTrace(id: string): Promise<TracedTurn[]> {
  const turns: TracedTurn[] = [];
  let cursor: string | undefined;
  do {
    const query: string = cursor ? `?cursor=${encodeURIComponent(cursor)}` : "";
    const part: TracePart = (await ask<TracePart>("GET", `/jobs/${id}/trace${query}`)).body;
    turns.push(...part.turns);
    cursor = part.next_cursor;
  } while (cursor);
  return turns;
}

export async function readJob(id: string): Promise<Job> {
  return (await ask<Job>("GET", `/jobs/${id}`)).body;
}

export async function listModels(): Promise<Schema["ModelList"]> {
  return (await ask<Schema["ModelList"]>("GET", "/models")).body;
}

export async function readCatalogue(): Promise<Schema["Catalogue"]> {
  return (await ask<Schema["Catalogue"]>("GET", "/catalogue")).body;
}

export async function listTemplates(): Promise<Template[]> {
  return (await ask<Schema["TemplateList"]>("GET", "/templates")).body.items;
}
