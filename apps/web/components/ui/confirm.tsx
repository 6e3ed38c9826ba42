"use client";

import {
  type ComponentProps,
  cloneElement,
  type ReactElement,
  type ReactNode,
  useId,
  useRef,
} from "react";
import { confirm } from "../../text/shared";
import { Button } from "./button";

type Props = {
  readonly title: string;
  readonly text: string;
  readonly verb: string;
  /** Of the verb's button. */
  readonly tone?: ComponentProps<typeof Button>["tone"];
  readonly onConfirm: () => void;
  /** To decide on the way. */
  readonly more?: ReactNode;
  /** Opens the question. */
  readonly children: ReactElement<ComponentProps<"button">>;
};

/** The browser's own dialog: it keeps the focus inside, and gives it back. */
export function Confirm({ title, text, verb, tone = "danger", onConfirm, more, children }: Props) {
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  const close = () => dialog.current?.close();
  return (
    <>
      {cloneElement(children, { onClick: () => dialog.current?.showModal() })}
      <dialog
        ref={dialog}
        role="alertdialog"
        aria-labelledby={`${id}-title`}
        aria-describedby={`${id}-text`}
        className="m-auto w-[calc(100%-2rem)] max-w-md rounded-2xl border border-line bg-surface p-6 text-left text-ink backdrop:bg-black/50"
      >
        <h2 id={`${id}-title`} className="text-lg font-semibold">
          {title}
        </h2>
        <p id={`${id}-text`} className="mt-2 text-sm whitespace-normal text-ink-soft">
          {text}
        </p>
        {more}
        <div className="mt-6 flex justify-end gap-2">
          <Button tone="bare" onClick={close}>
            {confirm.cancel}
          </Button>
          <Button
            tone={tone}
            onClick={() => {
              close();
              onConfirm();
            }}
          >
            {verb}
          </Button>
        </div>
      </dialog>
    </>
  );
}
