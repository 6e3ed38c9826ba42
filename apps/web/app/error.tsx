"use client";

import { Button } from "../components/ui/button";
import { RotateCw } from "../components/ui/icons";

export default function ErrorPage({
  error,
  reset,
}: {
  readonly error: Error & { readonly digest?: string };
  readonly reset: () => void;
}) {
  return (
    <div className="mx-auto max-w-xl py-16">
      <h1 className="text-2xl font-semibold">This page could not be drawn</h1>
      <p role="alert" className="mt-3 text-ink-soft">
        {reasonOf(error)} Check that the server is running, then try again.
      </p>
      <Button tone="primary" className="mt-6" onClick={reset}>
        <RotateCw aria-hidden="true" /> Try again
      </Button>
    </div>
  );
}

/** In production the server keeps the message to its log, under the digest. */
const reasonOf = ({ digest, message }: Error & { readonly digest?: string }) =>
  digest
    ? `The server met an error; its log has the reason, under ${digest}.`
    : message || "The server did not answer.";
