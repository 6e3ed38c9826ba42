"use client";

import { useRouter } from "next/navigation";
import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { basePath } from "../../lib/base-path";
import type { DocHit } from "../../lib/docs/docs";
import { text } from "../../text/docs";
import { DocHitText } from "./doc-hit";
import { useDocHits } from "./use-doc-hits";

/** Finds pages of the manual while somebody types; "/" leads to it. */
export function DocsSearch() {
  const [list, input] = [useId(), useRef<HTMLInputElement>(null)];
  const [query, setQuery] = useState("");
  const [isOpen, setOpen] = useState(false);
  const [chosen, setChosen] = useState(-1);
  const { hits, status } = useDocHits(query);
  const router = useRouter();

  useEffect(() => {
    const onKey = (event: globalThis.KeyboardEvent) => {
      const isTyping = document.activeElement?.matches("input, textarea, select");
      if (event.key !== "/" || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      input.current?.focus();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [input]);

  const shown = isOpen && query.trim() !== "";
  const go = ({ path }: Pick<DocHit, "path">) => {
    setOpen(false);
    input.current?.blur();
    router.push(path);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && hits.length > 0) {
      event.preventDefault();
      setOpen(true);
      setChosen((chosen + step + hits.length + (chosen < 0 && step < 0 ? 1 : 0)) % hits.length);
    } else if (event.key === "Escape") setOpen(false);
    else if (event.key === "Enter" && shown && hits[chosen]) {
      event.preventDefault();
      go(hits[chosen]);
    }
  };
  return (
    <search className="relative">
      <form action={`${basePath}/docs/search`}>
        <input
          ref={input}
          name="q"
          type="search"
          role="combobox"
          aria-label={text.search.label}
          aria-expanded={shown}
          aria-controls={list}
          aria-autocomplete="list"
          {...(shown && chosen >= 0 && { "aria-activedescendant": `${list}-${chosen}` })}
          placeholder={text.search.label}
          autoComplete="off"
          maxLength={100}
          value={query}
          onChange={({ target }) => {
            setQuery(target.value);
            setChosen(-1);
            setOpen(true);
          }}
          onFocus={() => setOpen(true)}
          onBlur={() => setOpen(false)}
          onKeyDown={onKeyDown}
          className="min-h-11 w-full rounded-lg border border-line-strong bg-surface px-3 text-sm placeholder:text-ink-faint"
        />
      </form>
      <div
        id={list}
        role="listbox"
        aria-label={text.search.label}
        hidden={!shown || hits.length === 0}
        className="absolute top-full left-0 z-10 mt-2 max-h-[60dvh] w-[min(32rem,calc(100vw-2rem))] overflow-y-auto rounded-xl border border-line-strong bg-surface p-2 shadow-lg"
      >
        {hits.map((hit, i) => (
          // biome-ignore lint/a11y/useFocusableInteractive: the input keeps the focus, and says which is active
          <div
            key={hit.path}
            id={`${list}-${i}`}
            role="option"
            aria-selected={i === chosen}
            onPointerDown={(event) => {
              event.preventDefault(); // the input would lose the focus, and the list with it
              go(hit);
            }}
            className="cursor-pointer rounded-lg px-3 py-2 hover:bg-sunken aria-selected:bg-sunken"
          >
            <DocHitText hit={hit} />
          </div>
        ))}
      </div>
      <p
        role="status"
        className={shown && hits.length === 0 ? "mt-2 text-sm text-ink-soft" : "sr-only"}
      >
        {shown && statusText(status, hits.length, query)}
      </p>
    </search>
  );
}

function statusText(status: "asking" | "ready" | "failed", found: number, query: string): string {
  if (status === "asking") return "";
  if (status === "failed") return text.search.failed;
  return found === 0 ? text.search.none(query) : text.search.found(found);
}
