"use client";

import { Button } from "../components/ui/button";
import { RotateCw } from "../components/ui/icons";
import { broken } from "../text/shared";

export default function ErrorPage({
  error,
  reset,
}: {
  readonly error: Error & { readonly digest?: string };
  readonly reset: () => void;
}) {
  return (
    <div className="mx-auto max-w-xl py-16">
      <h1 className="text-2xl font-semibold">{broken.title}</h1>
      <p role="alert" className="mt-3 text-ink-soft">
        {reasonOf(error)} {broken.wayOut}
      </p>
      <Button tone="primary" className="mt-6" onClick={reset}>
        <RotateCw aria-hidden="true" /> {broken.again}
      </Button>
    </div>
  );
}

/** In production the server keeps the message to its log, under the digest. */
const reasonOf = ({ digest, message }: Error & { readonly digest?: string }) =>
  digest ? broken.logged(digest) : message || broken.unreachable;
