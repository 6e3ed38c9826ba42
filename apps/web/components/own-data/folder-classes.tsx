"use client";

import { assignFolder } from "@tandem/intake/changes";
import type { Folder, Intake } from "@tandem/intake/intake";
import type { Change, OwnTask } from "../../lib/own-data/collection";
import { text } from "../../text/own-data";
import { Details } from "../ui/details";
import { selectLook } from "./class-select";

type Props = { readonly intake: Intake; readonly task: OwnTask; readonly onChange: Change };

const words = text.folders;

/** More are settled by their names, or in several steps. */
const most = 100;

/** What the names of folders, and words of tables, mean: those that are open first. */
export function FolderClasses({ intake, task, onChange }: Props) {
  const { folders, choices } = intake;
  const isOut = ({ key }: Folder) => choices.folders.get(key) === null;
  const open = folders.filter((folder) => folder.label === undefined && !isOut(folder));
  const settled = folders.filter((folder) => !open.includes(folder));
  const list = (some: readonly Folder[]) => (
    <ul className="divide-y divide-line">
      {some.slice(0, most).map((folder) => (
        <li key={folder.key} className="flex flex-wrap items-center gap-x-4 gap-y-1 py-2 text-sm">
          <span className="min-w-32 flex-1 break-words">
            <span className="font-medium">{folder.name || words.noFolder}</span>{" "}
            <span className="figures text-xs text-ink-soft">{folder.count}</span>
          </span>
          <Meaning folder={folder} isOut={isOut(folder)} task={task} onChange={onChange} />
        </li>
      ))}
      {some.length > most && (
        <li className="py-2 text-sm text-ink-soft">{text.more(some.length - most)}</li>
      )}
    </ul>
  );
  return (
    <>
      {open.length > 0 && (
        <section aria-labelledby="open-names">
          <h3 id="open-names" className="text-sm font-semibold">
            {words.open}
          </h3>
          <p className="mt-1 text-sm text-ink-soft">{words.openText}</p>
          <div className="mt-2">{list(open)}</div>
        </section>
      )}
      {settled.length > 0 && <Details title={words.settled}>{list(settled)}</Details>}
    </>
  );
}

function Meaning({
  folder: { key, name, label, guess },
  isOut,
  task: { classes },
  onChange,
}: {
  readonly folder: Folder;
  readonly isOut: boolean;
  readonly task: OwnTask;
  readonly onChange: Change;
}) {
  const assign = (value: number | null) => onChange((intake) => assignFolder(intake, key, value));
  return (
    <span className="flex min-w-0 flex-wrap items-center gap-2">
      {guess !== undefined && (
        <button
          type="button"
          onClick={() => assign(guess)}
          className="min-h-10 rounded-lg bg-clients-soft px-3 text-sm font-medium text-clients"
        >
          {words.isGuess(classes[guess].name)}
        </button>
      )}
      <select
        aria-label={words.classOf(name)}
        value={isOut ? "out" : (label ?? "")}
        onChange={({ target: { value } }) => assign(value === "out" ? null : Number(value))}
        className={selectLook}
      >
        <option value="" disabled>
          {guess === undefined ? words.choose : words.another}
        </option>
        {classes.map((one, i) => (
          <option key={one.name} value={i}>
            {one.name}
          </option>
        ))}
        <option value="out">{words.leaveOut}</option>
      </select>
    </span>
  );
}
