"use client";

import { tagKey } from "@tandem/protocol/experiment-labels";
import { X } from "lucide-react";
import { type KeyboardEvent, useId, useState } from "react";
import { text } from "../../text/runs";
import { inputLook } from "../form/field-input";
import { Button } from "../ui/button";
import { DialogField } from "./dialog";

/** Tags that are there, each of which can be taken off, and a field for another. */
export function TagField({
  shown,
  known,
  onAdd,
  onRemove,
}: {
  /** With what is said of each. */
  readonly shown: readonly { readonly tag: string; readonly said: string }[];
  /** That others have. */
  readonly known: readonly string[];
  readonly onAdd: (tag: string) => void;
  readonly onRemove: (tag: string) => void;
}) {
  const [typed, setTyped] = useState("");
  const list = useId();
  const add = () => {
    const tag = typed.trim();
    if (tag !== "") onAdd(tag);
    setTyped("");
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || typed.trim() === "") return;
    event.preventDefault();
    add();
  };
  const others = known.filter((tag) => shown.every((one) => tagKey(one.tag) !== tagKey(tag)));
  return (
    <div>
      <DialogField label={text.tags.add} hint={text.tags.hint}>
        {({ id, hint }) => (
          <div className="flex gap-2">
            <input
              id={id}
              list={list}
              value={typed}
              maxLength={64}
              aria-describedby={hint}
              onChange={({ target }) => setTyped(target.value)}
              onKeyDown={onKeyDown}
              className={`${inputLook} h-10`}
            />
            <datalist id={list}>
              {others.map((tag) => (
                <option key={tag} value={tag} />
              ))}
            </datalist>
            <Button onClick={add} disabled={typed.trim() === ""}>
              {text.tags.addVerb}
            </Button>
          </div>
        )}
      </DialogField>
      {shown.length === 0 ? (
        <p className="mt-3 text-sm text-ink-soft">{text.tags.none}</p>
      ) : (
        <ul aria-label={text.tags.label} className="mt-3 flex flex-wrap gap-2">
          {shown.map(({ tag, said }) => (
            <li key={tag}>
              <button
                type="button"
                aria-label={text.tags.remove(tag)}
                onClick={() => onRemove(tag)}
                className="inline-flex min-h-8 items-center gap-1.5 rounded-full bg-clients-soft px-3 text-xs font-medium break-all text-clients"
              >
                {said}
                <X aria-hidden="true" className="size-3.5 shrink-0" />
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
