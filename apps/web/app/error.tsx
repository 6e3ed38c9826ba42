"use client";

import { RotateCw } from "lucide-react";
import { Button } from "../components/ui/button";

export default function ErrorPage({
  error,
  reset,
}: {
  readonly error: Error;
  readonly reset: () => void;
}) {
  return (
    <div className="mx-auto max-w-xl py-16">
      <h1 className="text-2xl font-semibold">This page could not be drawn</h1>
      <p role="alert" className="mt-3 text-ink-soft">
        {error.message || "The server did not answer."} Check that the server is running, then try
        again.
      </p>
      <Button tone="primary" className="mt-6" onClick={reset}>
        <RotateCw aria-hidden="true" /> Try again
      </Button>
    </div>
  );
}
