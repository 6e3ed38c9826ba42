import type { MeView } from "@tandem/protocol/view";
import type { Metadata } from "next";
import { SignInForm } from "../../components/account/sign-in-form";
import { SignOut } from "../../components/account/sign-out";
import { Button } from "../../components/ui/button";
import { Panel } from "../../components/ui/panel";
import { SiteLink } from "../../components/ui/site-link";
import { aRole } from "../../lib/account/roles";
import { currentVisit } from "../../lib/visit";

export const metadata: Metadata = { title: "Sign in" };

type Props = { readonly searchParams: Promise<{ readonly next?: string | string[] }> };

export default async function SignInPage({ searchParams }: Props) {
  const { next } = await searchParams;
  const { visitor: me } = currentVisit();
  const { title, text } = textOf(me, next !== undefined);
  return (
    <div className="mx-auto max-w-md py-6 sm:py-12">
      <h1 className="mb-6 text-3xl font-semibold">{title}</h1>
      <Panel title={me.by === "nobody" ? "Your account" : "You are in"} description={text}>
        {me.mode === "accounts" && me.by === "nobody" && <SignInForm next={pathOf(next)} />}
        <div className="flex flex-wrap gap-2">
          {me.by !== "nobody" && (
            <Button asChild tone="primary">
              <SiteLink href="/">All experiments</SiteLink>
            </Button>
          )}
          {me.by === "session" && <SignOut />}
        </div>
      </Panel>
    </div>
  );
}

function textOf({ mode, by, name, role }: MeView, isRefused: boolean) {
  if (mode === "open")
    return {
      title: "No account is needed",
      text: "Nobody has one here, and this server answers this machine alone. It printed a link for a first owner when it started.",
    };
  if (mode === "unclaimed")
    return {
      title: "Nobody has an account yet",
      text: "When the server started it printed a link for its first owner: open that. To take part in a study you need no account, only the study's own link.",
    };
  if (by === "nobody")
    return { title: "Sign in", text: "To take part in a study you need none, only its link." };
  const who = `You are signed in as ${name}, ${aRole(role ?? "viewer")}.`;
  return isRefused
    ? { title: "Not for your account", text: `${who} That page needs more: ask an owner.` }
    : { title: "Signed in", text: who };
}

/** Of this site: a link that was sent leads nowhere else. */
function pathOf(next: string | string[] | undefined): string {
  return typeof next === "string" && /^\/(?![/\\])[^\s\\]*$/.test(next) ? next : "/";
}
