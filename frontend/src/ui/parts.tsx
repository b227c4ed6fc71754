/** The small parts that every view is made of. */

import { type ButtonHTMLAttributes, type ReactNode, useEffect } from "react";
import { Dialog as Radix, DropdownMenu as Menu } from "radix-ui";
import { useUi } from "../editor/store";

type Look = "solid" | "soft" | "plain" | "danger";
const LOOKS: Record<Look, string> = {
  solid: "bg-accent text-accent-text hover:opacity-90",
  soft: "bg-shade text-text hover:bg-border",
  plain: "text-text hover:bg-shade",
  danger: "bg-bad-soft text-bad hover:opacity-85",
};

export function Button({ look = "soft", className = "", ...rest }: ButtonHTMLAttributes<HTMLButtonElement> & { look?: Look }) {
  const shape = "inline-flex items-center justify-center gap-1.5 rounded-lg px-3 py-1.5 text-sm font-medium disabled:opacity-45";
  return <button type="button" className={`${shape} ${LOOKS[look]} ${className}`} {...rest} />;
}

/** A button that shows only an icon; its label is read and shown as a tooltip. */
export function IconButton({ label, pressed, className = "", ...rest }: ButtonHTMLAttributes<HTMLButtonElement> & { label: string; pressed?: boolean }) {
  const on = pressed ? "bg-accent-soft text-accent" : "text-text hover:bg-shade";
  return (
    <button
      type="button" aria-label={label} title={label} {...(pressed === undefined ? {} : { "aria-pressed": pressed })}
      className={`inline-flex size-8 shrink-0 items-center justify-center rounded-lg disabled:opacity-40 ${on} ${className}`} {...rest}
    />
  );
}

export function Dialog({ title, open, onClose, children }: { title: string; open: boolean; onClose(): void; children: ReactNode }) {
  return (
    <Radix.Root open={open} onOpenChange={(now) => { if (!now) onClose(); }}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 bg-black/40" />
        <Radix.Content aria-describedby={undefined} className="fixed left-1/2 top-[14vh] z-50 flex max-h-[70vh] w-[min(36rem,94vw)] -translate-x-1/2 flex-col overflow-hidden rounded-xl border border-border bg-panel text-text shadow-2xl">
          <Radix.Title className="sr-only">{title}</Radix.Title>
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

export interface Choice { label: string; onSelect(): void; disabled?: boolean; danger?: boolean; hint?: string }

export function Dropdown({ trigger, choices, label }: { trigger: ReactNode; choices: (Choice | "line")[]; label: string }) {
  return (
    <Menu.Root modal={false}>
      <Menu.Trigger asChild>{trigger}</Menu.Trigger>
      <Menu.Portal>
        <Menu.Content aria-label={label} align="end" sideOffset={4} className="z-50 min-w-44 rounded-lg border border-border bg-panel p-1 text-sm text-text shadow-xl">
          {choices.map((choice, at) =>
            choice === "line" ? <Menu.Separator key={at} className="my-1 h-px bg-border" /> : (
              <Menu.Item key={at} {...(choice.disabled ? { disabled: true } : {})} onSelect={choice.onSelect}
                className={`flex cursor-pointer items-center justify-between gap-6 rounded px-2 py-1.5 outline-none data-[disabled]:opacity-40 data-[highlighted]:bg-shade ${choice.danger ? "text-bad" : ""}`}>
                {choice.label}{choice.hint && <kbd className="text-xs text-muted">{choice.hint}</kbd>}
              </Menu.Item>
            ))}
        </Menu.Content>
      </Menu.Portal>
    </Menu.Root>
  );
}

export function Field({ label, children }: { label: string; children: ReactNode }) {
  return <label className="block text-xs font-medium text-muted">{label}<span className="mt-1 block text-sm font-normal text-text">{children}</span></label>;
}

export const INPUT = "w-full rounded-lg border border-border bg-canvas px-2.5 py-1.5 text-sm text-text placeholder:text-muted";

const NOTICE_MS = 9000;

export function Notices() {
  const { notices, forget } = useUi();
  return (
    <div role="status" aria-live="polite" className="pointer-events-none fixed bottom-4 left-1/2 z-50 flex w-[min(30rem,92vw)] -translate-x-1/2 flex-col gap-2">
      {notices.map((notice) => <Notice key={notice.id} text={notice.text} onGone={() => forget(notice.id)} />)}
    </div>
  );
}

function Notice({ text, onGone }: { text: string; onGone(): void }) {
  useEffect(() => {
    const timer = setTimeout(onGone, NOTICE_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div className="pointer-events-auto flex items-start justify-between gap-3 rounded-lg border border-border bg-panel px-3 py-2 text-sm shadow-lg">
      <span className="min-w-0 break-words">{text}</span>
      <button type="button" aria-label="Dismiss" className="text-muted" onClick={onGone}>✕</button>
    </div>
  );
}
