"use client";

import { type FormEvent, type ReactNode, useEffect, useId, useRef } from "react";
import { text } from "../../text/runs";
import { Button } from "../ui/button";

type Props = {
  readonly title: string;
  readonly verb: string;
  readonly busy: boolean;
  readonly onSubmit: (data: FormData, close: () => void) => void;
  /** It is closed, and to be drawn no more. */
  readonly onClose: () => void;
  readonly children: ReactNode;
};

/** A form in the browser's own dialog, which keeps the focus inside; open as long as it is drawn. */
export function FormDialog({ title, verb, busy, onSubmit, onClose, children }: Props) {
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  const close = () => dialog.current?.close();
  useEffect(() => {
    // Once the menu that has led here has given the focus back.
    const timer = setTimeout(() => dialog.current?.showModal());
    return () => clearTimeout(timer);
  }, []);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    onSubmit(new FormData(event.currentTarget), close);
  };
  return (
    <dialog
      ref={dialog}
      aria-labelledby={id}
      onClose={onClose}
      className="m-auto w-[calc(100%-2rem)] max-w-lg rounded-2xl border border-line bg-surface p-6 text-left text-ink backdrop:bg-black/50"
    >
      <h2 id={id} className="text-lg font-semibold">
        {title}
      </h2>
      <form onSubmit={submit} className="mt-4 space-y-4">
        {children}
        <div className="flex justify-end gap-2 pt-2">
          <Button tone="bare" onClick={close}>
            {text.cancel}
          </Button>
          <Button type="submit" tone="primary" disabled={busy}>
            {verb}
          </Button>
        </div>
      </form>
    </dialog>
  );
}

/** A control with its name, and a line below it. */
export function DialogField({
  label,
  hint,
  children,
}: {
  readonly label: string;
  readonly hint?: string;
  readonly children: (ids: { readonly id: string; readonly hint: string | undefined }) => ReactNode;
}) {
  const id = useId();
  const hintId = hint === undefined ? undefined : `${id}-hint`;
  return (
    <div>
      <label htmlFor={id} className="mb-1.5 block text-sm font-medium">
        {label}
      </label>
      {children({ id, hint: hintId })}
      {hint !== undefined && (
        <p id={hintId} className="mt-1 text-xs text-ink-soft">
          {hint}
        </p>
      )}
    </div>
  );
}
