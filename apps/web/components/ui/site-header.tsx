import { header, site } from "../../text/shared";
import { For } from "../account/visitor";
import { WhoAmI } from "../account/who-am-i";
import { Logo } from "./logo";
import { SiteLink } from "./site-link";
import { TabsWork } from "./tabs-work";
import { ThemeToggle } from "./theme-toggle";

const links = [
  { href: "/", text: header.experiments },
  { href: "/compare", text: header.compare },
  { href: "/tasks", text: header.tasks },
] as const;

export function SiteHeader() {
  return (
    <header className="group sticky top-0 z-20 border-b border-line bg-canvas/85 backdrop-blur-md">
      <a
        href="#content"
        className="absolute -top-16 left-4 rounded-lg bg-ink px-4 py-2 text-sm text-canvas focus:top-3"
      >
        {header.skip}
      </a>
      <div className="mx-auto flex min-h-16 max-w-7xl flex-wrap items-center gap-x-1 px-4 sm:gap-4 sm:px-6">
        <SiteLink href="/" className="mr-auto flex items-center gap-2.5 py-3 text-ink sm:py-0">
          <Logo className="size-9" />
          <span className="font-pixel text-xl tracking-tight max-sm:group-has-data-account:sr-only max-sm:group-has-data-working:sr-only max-sm:group-has-[a[href$=tasks]]:sr-only">
            {site.name}
          </span>
        </SiteLink>
        {/* On a phone the links have a row of their own. */}
        <nav
          aria-label={header.main}
          className="flex min-w-0 items-center gap-1 text-sm max-sm:contents"
        >
          <TabsWork label={header.takingPart} />
          <For who="viewer">
            <div className="flex gap-1 max-sm:order-1 max-sm:-mx-2 max-sm:basis-full max-sm:pb-1.5">
              {links.map(({ href, text }) => (
                <SiteLink
                  key={href}
                  href={href}
                  className="rounded-lg px-2 py-2 text-ink-soft hover:bg-sunken hover:text-ink sm:px-3"
                >
                  {text}
                </SiteLink>
              ))}
            </div>
          </For>
          <SiteLink
            href="/docs"
            className="rounded-lg px-2 py-2 text-ink-soft hover:bg-sunken hover:text-ink sm:px-3"
          >
            {header.docs}
          </SiteLink>
          <ThemeToggle label={header.theme} />
          <WhoAmI account={header.account} signIn={header.signIn} />
        </nav>
      </div>
    </header>
  );
}
