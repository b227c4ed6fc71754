/** What the agent asks before it goes on: all questions of a round at once. */

import { type FormEvent, useState } from "react";
import type { Awaiting, Job } from "../api/jobs";
import type { Schema } from "../api/client";
import { Button, INPUT } from "../ui/parts";
import { useResuming } from "./resuming";

type Question = Schema["Question"];
const ANSWER_MAX = 4_000;

/** The questions of a round; of a job of an older server, its only one. Pure. */
export function roundOf(awaiting: Awaiting): Question[] {
  return awaiting.questions ?? [{ question: awaiting.question ?? "", options: awaiting.options ?? [] }];
}

export function Questions({ job, awaiting }: { job: Job; awaiting: Awaiting }) {
  const questions = roundOf(awaiting);
  const [answers, setAnswers] = useState(() => questions.map(() => ""));
  const { sent, send } = useResuming(job);
  const given = answers.map((answer) => answer.trim());
  const put = (at: number, answer: string) => setAnswers((before) => before.map((one, n) => (n === at ? answer : one)));
  /** The only question is answered with one click. */
  const choose = (at: number, option: string) => (questions.length === 1 ? send({ answers: [option] }) : put(at, answers[at] === option ? "" : option));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!sent && given.some(Boolean)) send({ answers: given });
  };
  return (
    <form onSubmit={submit}>
      <fieldset disabled={sent} className="space-y-4">
        {questions.map((question, at) => (
          <One key={at} question={question} first={at === 0} answer={answers[at] ?? ""} onType={(text) => put(at, text)} onChoose={(option) => choose(at, option)} />
        ))}
        <div className="flex flex-wrap items-center gap-2">
          <Button type="submit" look="solid" disabled={!given.some(Boolean)}>{questions.length > 1 ? "Send answers" : "Send answer"}</Button>
          <Button onClick={() => send({ skip: true })}>Skip, decide yourself</Button>
        </div>
        {questions.length > 1 && <p className="!mt-2 text-xs text-muted">What you leave empty the agent decides.</p>}
      </fieldset>
    </form>
  );
}

interface OneProps { question: Question; first: boolean; answer: string; onType(text: string): void; onChoose(option: string): void }

function One({ question, first, answer, onType, onChoose }: OneProps) {
  return (
    <fieldset>
      <legend className="font-semibold [overflow-wrap:anywhere]">{question.question}</legend>
      {question.options.length > 0 && (
        <div className="mt-2 flex flex-wrap gap-1.5">
          {question.options.map((option) => (
            <button key={option} type="button" aria-pressed={answer === option} onClick={() => onChoose(option)}
              className={`max-w-full rounded-2xl border px-3 py-1 text-left text-sm [overflow-wrap:anywhere] ${answer === option ? "border-accent bg-accent text-accent-text" : "border-border bg-panel hover:border-accent"}`}>
              {option}
            </button>
          ))}
        </div>
      )}
      <input aria-label={`Your answer: ${question.question}`} value={answer} maxLength={ANSWER_MAX} onChange={(event) => onType(event.target.value)}
        {...(first ? { "data-first": "" } : {})} placeholder={question.options.length > 0 ? "Or in your words …" : "In your words …"} className={`${INPUT} mt-2`} />
    </fieldset>
  );
}
