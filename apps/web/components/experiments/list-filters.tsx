"use client";

import { experimentStatuses } from "@tandem/core/experiment";
import { Search, SlidersHorizontal, X } from "lucide-react";
import { type ReactNode, useEffect, useId, useRef, useState } from "react";
import { text } from "../../text/experiments";
import { inputLook } from "../form/field-input";
import { Button } from "../ui/button";
import type { Choice } from "./selecting";

type Props = {
  readonly wanted: URLSearchParams;
  readonly onChange: (wanted: URLSearchParams) => void;
  readonly strategies: readonly Choice[];
  readonly tasks: readonly Choice[];
  readonly tags: readonly string[];
  readonly groups: readonly string[];
};

const pauseMs = 300;
const { filters } = text;
const named = (names: readonly string[]): readonly Choice[] =>
  names.map((name) => ({ value: name, text: name }));
const choicesOf = (words: Readonly<Record<string, string>>): readonly Choice[] =>
  Object.entries(words).map(([value, said]) => ({ value, text: said }));

/** Search and filters, which are the page's address. */
export function ListFilters({ wanted, onChange, strategies, tasks, tags, groups }: Props) {
  const id = useId();
  const [isOpen, setIsOpen] = useState(false);
  const change = (name: string, values: readonly string[]) => {
    const next = new URLSearchParams(wanted);
    next.delete("page");
    next.delete(name);
    for (const value of values) next.append(name, value);
    onChange(next);
  };
  const set = (name: string) => (value: string) => change(name, value === "" ? [] : [value]);
  const chosenTags = wanted.getAll("tag");
  const otherTags = tags.filter((tag) => !chosenTags.includes(tag));
  const isFiltered = [...wanted.keys()].some((name) => name !== "sort" && name !== "page");
  const statuses = experimentStatuses.map((value) => ({ value, text: text.statuses[value] }));
  return (
    <search aria-label={filters.label} className="mb-4 block">
      <div className="flex flex-wrap items-end gap-3">
        <SearchField value={wanted.get("q") ?? ""} onChange={set("q")} />
        <Button
          aria-expanded={isOpen}
          aria-controls={id}
          onClick={() => setIsOpen(!isOpen)}
          className="sm:hidden"
        >
          <SlidersHorizontal aria-hidden="true" /> {filters.more}
        </Button>
        <div id={id} className={`flex flex-wrap items-end gap-3 ${isOpen ? "" : "max-sm:hidden"}`}>
          <Select
            label={filters.status}
            any={filters.any.status}
            choices={statuses}
            value={wanted.get("status")}
            onChange={set("status")}
          />
          <Select
            label={filters.strategy}
            any={filters.any.strategy}
            choices={strategies}
            value={wanted.get("strategy")}
            onChange={set("strategy")}
          />
          <Select
            label={filters.dataset}
            any={filters.any.dataset}
            choices={tasks}
            value={wanted.get("dataset") ?? wanted.get("task")}
            onChange={set("dataset")}
          />
          {tags.length > 0 && (
            <Select
              label={filters.tag}
              any={filters.any.tag}
              choices={named(otherTags)}
              value=""
              onChange={(tag) => change("tag", [...chosenTags, tag])}
            />
          )}
          {groups.length > 0 && (
            <Select
              label={filters.group}
              any={filters.any.group}
              choices={named(groups)}
              value={wanted.get("group")}
              onChange={set("group")}
            />
          )}
          <Select
            label={filters.archived}
            choices={choicesOf(filters.archivedChoices)}
            value={wanted.get("archived") ?? "false"}
            onChange={(value) => change("archived", value === "false" ? [] : [value])}
          />
          <div className="md:hidden">
            <Select
              label={filters.sort}
              choices={choicesOf(text.sorts)}
              value={wanted.get("sort") ?? "-created"}
              onChange={set("sort")}
            />
          </div>
        </div>
      </div>
      {isFiltered && (
        <div className="mt-3 flex flex-wrap items-center gap-2">
          {chosenTags.map((tag) => (
            <button
              key={tag}
              type="button"
              aria-label={filters.withoutTag(tag)}
              onClick={() =>
                change(
                  "tag",
                  chosenTags.filter((other) => other !== tag),
                )
              }
              className="inline-flex min-h-8 items-center gap-1.5 rounded-full bg-clients-soft px-3 text-xs font-medium text-clients"
            >
              {tag}
              <X aria-hidden="true" className="size-3.5" />
            </button>
          ))}
          <Button
            tone="bare"
            onClick={() => {
              const sort = wanted.get("sort");
              onChange(new URLSearchParams(sort === null ? {} : { sort }));
            }}
          >
            {filters.clear}
          </Button>
        </div>
      )}
    </search>
  );
}

/** Is looked for once nobody types any more. */
function SearchField({
  value,
  onChange,
}: {
  readonly value: string;
  readonly onChange: (value: string) => void;
}) {
  const id = useId();
  const [typed, setTyped] = useState(value);
  const asked = useRef(value);
  const ask = useRef(onChange);
  ask.current = onChange;
  // The address has changed otherwise, as by Back.
  useEffect(() => {
    if (value === asked.current) return;
    asked.current = value;
    setTyped(value);
  }, [value]);
  useEffect(() => {
    const wish = typed.trim();
    if (wish === asked.current) return;
    const timer = setTimeout(() => {
      asked.current = wish;
      ask.current(wish);
    }, pauseMs);
    return () => clearTimeout(timer);
  }, [typed]);
  return (
    <Labelled id={id} label={filters.search} className="w-full sm:w-64">
      <span className="relative block">
        <Search
          aria-hidden="true"
          className="pointer-events-none absolute top-3 left-3 size-4 text-ink-faint"
        />
        <input
          id={id}
          type="search"
          value={typed}
          maxLength={200}
          placeholder={filters.searchHint}
          onChange={({ target }) => setTyped(target.value)}
          className={`${inputLook} h-10 pl-9 placeholder:text-ink-faint`}
        />
      </span>
    </Labelled>
  );
}

function Select({
  label,
  any,
  choices,
  value,
  onChange,
}: {
  readonly label: string;
  readonly any?: string;
  readonly choices: readonly Choice[];
  readonly value: string | null;
  readonly onChange: (value: string) => void;
}) {
  const id = useId();
  return (
    <Labelled id={id} label={label}>
      <select
        id={id}
        value={value ?? ""}
        onChange={({ target }) => onChange(target.value)}
        className={`${inputLook} h-10 max-w-44`}
      >
        {any !== undefined && <option value="">{any}</option>}
        {choices.map((choice) => (
          <option key={choice.value} value={choice.value}>
            {choice.text}
          </option>
        ))}
      </select>
    </Labelled>
  );
}

function Labelled({
  id,
  label,
  className = "",
  children,
}: {
  readonly id: string;
  readonly label: string;
  readonly className?: string;
  readonly children: ReactNode;
}) {
  return (
    <div className={`min-w-0 ${className}`}>
      <label htmlFor={id} className="mb-1 block text-xs font-medium text-ink-soft">
        {label}
      </label>
      {children}
    </div>
  );
}
