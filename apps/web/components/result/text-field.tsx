import { useId, useState } from "react";
import { Button } from "../ui/button";

/** One line and a button. */
export function TextField({
  label,
  verb,
  most = 1000,
  note,
  onText,
}: {
  readonly label: string;
  readonly verb: string;
  /** Characters. */
  readonly most?: number;
  /** Beside the field. */
  readonly note?: string;
  readonly onText: (text: string) => void;
}) {
  const id = useId();
  const [text, setText] = useState("");
  return (
    <form
      className="flex flex-wrap items-end gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        if (text.trim() !== "") onText(text.trim());
      }}
    >
      <div className="min-w-0 flex-1">
        <label htmlFor={id} className="mb-1 block text-sm font-medium">
          {label}
        </label>
        <input
          id={id}
          value={text}
          maxLength={most}
          aria-describedby={note === undefined ? undefined : `${id}-note`}
          onChange={(event) => setText(event.target.value)}
          className="h-10 w-full min-w-40 rounded-lg border border-line-strong bg-surface px-3 text-sm"
        />
      </div>
      <Button type="submit">{verb}</Button>
      {note !== undefined && (
        <p id={`${id}-note`} className="w-full text-xs text-ink-soft">
          {note}
        </p>
      )}
    </form>
  );
}
