import { For } from "../account/visitor";
import { WhoAmI } from "../account/who-am-i";
import { Logo } from "./logo";
import { SiteLink } from "./site-link";
import { TabsWork } from "./tabs-work";
import { ThemeToggle } from "./theme-toggle";

const links = [
  { href: "/", text: "Experiments" },
  { href: "/tasks", text: "Tasks" },
] as const;

export function SiteHeader() {
  return (
    <header className="group sticky top-0 z-20 border-b border-line bg-canvas/85 backdrop-blur-md">
      <a
        href="#content"
        className="absolute -top-16 left-4 rounded-lg bg-ink px-4 py-2 text-sm text-canvas focus:top-3"
      >
        Skip to content
      </a>
      <div className="mx-auto flex h-16 max-w-7xl items-center justify-between gap-4 px-4 sm:px-6">
        <SiteLink href="/" className="flex items-center gap-2.5 text-ink">
          <Logo className="size-9" />
          <span className="font-pixel text-xl tracking-tight max-sm:group-has-data-account:sr-only max-sm:group-has-data-working:sr-only max-sm:group-has-[a[href$=tasks]]:sr-only">
            Tandem
          </span>
        </SiteLink>
        <nav aria-label="Main" className="flex min-w-0 items-center gap-1 text-sm">
          <TabsWork />
          <For who="viewer">
            {links.map(({ href, text }) => (
              <SiteLink
                key={href}
                href={href}
                className="rounded-lg px-2 py-2 text-ink-soft hover:bg-sunken hover:text-ink sm:px-3"
              >
                {text}
              </SiteLink>
            ))}
          </For>
          <SiteLink
            href="/docs"
            className="rounded-lg px-2 py-2 text-ink-soft hover:bg-sunken hover:text-ink sm:px-3"
          >
            Docs
          </SiteLink>
          <ThemeToggle />
          <WhoAmI />
        </nav>
      </div>
    </header>
  );
}
