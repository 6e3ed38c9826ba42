"use client";

import type { ExperimentView } from "@tandem/protocol/view";
import { MoreHorizontal } from "lucide-react";
import { useRouter } from "next/navigation";
import { DropdownMenu } from "radix-ui";
import { useRef, useState } from "react";
import { relabel } from "../../lib/runs/relabel";
import { text } from "../../text/runs";
import { For } from "../account/visitor";
import { Button } from "../ui/button";
import { AddRoundsDialog } from "./add-rounds-dialog";
import { CloneDialog } from "./clone-dialog";
import { LabelsDialog } from "./labels-dialog";

type Asked = "clone" | "rounds" | "labels";

/** What else can be done with one experiment: clone, another like it, comparison, more rounds, tags and note, archive. */
export function RunActions({
  view,
}: {
  readonly view: Pick<
    ExperimentView,
    "id" | "config" | "status" | "tags" | "note" | "group" | "archived"
  >;
}) {
  const router = useRouter();
  const menu = useRef<HTMLButtonElement>(null);
  const [asked, setAsked] = useState<Asked>();
  const onClose = () => {
    setAsked(undefined);
    menu.current?.focus();
  };
  const archive = () =>
    relabel([view], () => ({ archived: !view.archived }), {
      said: view.archived ? text.restored : text.archived,
      onDone: () => {},
    });
  const shared = { view, onClose };
  return (
    <For who="researcher">
      <DropdownMenu.Root modal={false}>
        <DropdownMenu.Trigger asChild>
          <Button ref={menu} title={text.menu.title}>
            <MoreHorizontal aria-hidden="true" /> {text.menu.label}
          </Button>
        </DropdownMenu.Trigger>
        <DropdownMenu.Content
          align="end"
          sideOffset={6}
          className="z-50 min-w-44 rounded-xl border border-line-strong bg-surface p-1 text-sm text-ink shadow-lg"
        >
          <Item onSelect={() => setAsked("clone")}>{text.clone.action}</Item>
          <Item onSelect={() => router.push(`/experiments/new?from=${view.id}`)}>
            {text.likeThis}
          </Item>
          <Item onSelect={() => router.push(`/compare?runs=${view.id}`)}>{text.compare}</Item>
          {view.status !== "finished" && (
            <Item onSelect={() => setAsked("rounds")}>{text.rounds.action}</Item>
          )}
          <Item onSelect={() => setAsked("labels")}>{text.labels.action}</Item>
          <Item onSelect={() => void archive()}>{view.archived ? text.restore : text.archive}</Item>
        </DropdownMenu.Content>
      </DropdownMenu.Root>
      {asked === "clone" && <CloneDialog {...shared} />}
      {asked === "rounds" && <AddRoundsDialog {...shared} />}
      {asked === "labels" && <LabelsDialog {...shared} />}
    </For>
  );
}

function Item({
  onSelect,
  children,
}: {
  readonly onSelect: () => void;
  readonly children: string;
}) {
  return (
    <DropdownMenu.Item
      onSelect={onSelect}
      className="flex min-h-10 cursor-pointer items-center rounded-lg px-3 outline-none data-highlighted:bg-sunken"
    >
      {children}
    </DropdownMenu.Item>
  );
}
