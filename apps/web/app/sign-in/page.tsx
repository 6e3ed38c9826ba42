import type { MeView } from "@tandem/protocol/view";
import type { Metadata } from "next";
import { SignInForm } from "../../components/account/sign-in-form";
import { SignOut } from "../../components/account/sign-out";
import { Button } from "../../components/ui/button";
import { Panel } from "../../components/ui/panel";
import { SiteLink } from "../../components/ui/site-link";
import { aRole } from "../../lib/account/roles";
import { currentVisit } from "../../lib/visit";
import { text as accountText } from "../../text/account";

const words = accountText.signIn;

export const metadata: Metadata = { title: words.title };

type Props = { readonly searchParams: Promise<{ readonly next?: string | string[] }> };

export default async function SignInPage({ searchParams }: Props) {
  const { next } = await searchParams;
  const { visitor: me } = currentVisit();
  const { title, text } = textOf(me, next !== undefined);
  return (
    <div className="mx-auto max-w-md py-6 sm:py-12">
      <h1 className="mb-6 text-3xl font-semibold">{title}</h1>
      <Panel title={me.by === "nobody" ? words.panelOut : words.panelIn} description={text}>
        {me.mode === "accounts" && me.by === "nobody" && <SignInForm next={pathOf(next)} />}
        <div className="flex flex-wrap gap-2">
          {me.by !== "nobody" && (
            <Button asChild tone="primary">
              <SiteLink href="/">{words.experiments}</SiteLink>
            </Button>
          )}
          {me.by === "session" && <SignOut />}
        </div>
      </Panel>
    </div>
  );
}

function textOf({ mode, by, name, role }: MeView, isRefused: boolean) {
  if (mode !== "accounts") return words[mode];
  if (by === "nobody") return { title: words.title, text: words.out };
  const who = words.as(name ?? "", aRole(role ?? "viewer"));
  return isRefused
    ? { title: words.refused.title, text: words.refused.text(who) }
    : { title: words.in, text: who };
}

/** Of this site: a link that was sent leads nowhere else. */
function pathOf(next: string | string[] | undefined): string {
  return typeof next === "string" && /^\/(?![/\\])[^\s\\]*$/.test(next) ? next : "/";
}
