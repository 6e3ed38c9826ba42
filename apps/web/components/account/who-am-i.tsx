"use client";

import { usePathname } from "next/navigation";
import { SiteLink } from "../ui/site-link";
import { useVisitor } from "./visitor";

type Props = { readonly account: string; readonly signIn: string };

/** Whose account it is, or the way to sign in; who takes part needs neither. */
export function WhoAmI({ account, signIn }: Props) {
  const { mode, by, name = "", role } = useVisitor();
  const isJoining = usePathname().startsWith("/join/");
  if (by === "session")
    return (
      <SiteLink
        href="/account"
        data-account
        aria-label={`${account}: ${name}, ${role}`}
        title={`${name}, ${role}`}
        className="flex size-9 shrink-0 items-center justify-center rounded-full bg-clients text-sm font-semibold text-on-clients uppercase hover:brightness-110"
      >
        {[...name][0]}
      </SiteLink>
    );
  if (mode === "open" || isJoining) return null;
  return (
    <SiteLink
      href="/sign-in"
      className="rounded-lg px-2 py-2 whitespace-nowrap text-ink-soft hover:bg-sunken hover:text-ink sm:px-3"
    >
      {signIn}
    </SiteLink>
  );
}
