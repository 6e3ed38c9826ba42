"use client";

import { usePathname } from "next/navigation";
import { useStore } from "zustand";
import { tabsWork } from "../../lib/join/tabs-work";
import { SiteLink } from "./site-link";

/** On the site's other pages: what this tab goes on computing for, and the way back. */
export function TabsWork({ label }: { readonly label: string }) {
  const here = usePathname();
  const others = useStore(tabsWork.store).filter(({ id }) => here !== `/join/${id}`);
  return others.map(({ id, name }) => (
    <SiteLink
      key={id}
      href={`/join/${id}`}
      data-working
      className="flex min-w-0 shrink-0 items-center max-w-60 gap-2 rounded-full bg-clients-soft px-3 py-1.5 text-sm text-clients"
    >
      <span aria-hidden="true" className="size-2 shrink-0 animate-pulse rounded-full bg-clients" />
      <span className="truncate">
        {label}
        <span className="hidden sm:inline">: {name}</span>
      </span>
    </SiteLink>
  ));
}
