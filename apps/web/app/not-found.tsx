import { Button } from "../components/ui/button";
import { SiteLink } from "../components/ui/site-link";

export default function NotFound() {
  return (
    <div className="mx-auto max-w-xl py-16">
      <h1 className="text-2xl font-semibold">Nothing here</h1>
      <p className="mt-3 text-ink-soft">
        The address is wrong, or the experiment has been deleted. Ask whoever sent you the link, or
        look at the experiments of this server.
      </p>
      <Button tone="primary" asChild className="mt-6">
        <SiteLink href="/">All experiments</SiteLink>
      </Button>
    </div>
  );
}
