import { Button } from "../components/ui/button";
import { SiteLink } from "../components/ui/site-link";
import { notFound } from "../text/shared";

export default function NotFound() {
  return (
    <div className="mx-auto max-w-xl py-16">
      <h1 className="text-2xl font-semibold">{notFound.title}</h1>
      <p className="mt-3 text-ink-soft">{notFound.text}</p>
      <Button tone="primary" asChild className="mt-6">
        <SiteLink href="/">{notFound.experiments}</SiteLink>
      </Button>
    </div>
  );
}
