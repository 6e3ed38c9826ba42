import { messageOf } from "@tandem/core/errors";
import { useTransition } from "react";
import { toast } from "sonner";

/** Runs one thing at a time; a refusal becomes a toast. */
export function useAttempt() {
  const [busy, run] = useTransition();
  const attempt = (action: () => Promise<unknown>) =>
    run(async () => {
      try {
        await action();
      } catch (error) {
        toast.error(messageOf(error));
      }
    });
  return { busy, attempt };
}
