"use client";

import { useCallback, useEffect, useState } from "react";
import type { UseFormReturn } from "react-hook-form";
import { isBegun, parseDraft } from "./draft";
import type { FormValues } from "./experiment-form";
import { lastStep } from "./settings";

type Options = {
  readonly form: UseFormReturn<FormValues>;
  readonly key: string;
  readonly start: FormValues;
  readonly step: number;
  readonly setStep: (step: number) => void;
};

/** Of a draft: none yet, kept in this browser, or not to be kept because the browser refuses. */
export type DraftState = "none" | "kept" | "refused";

/** Keeps what is entered in this browser, over reloads and other pages, until it is sent or discarded. */
export function useDraft({ form, key, start, step, setStep }: Options) {
  const [isRestored, setRestored] = useState(false);
  const [state, setState] = useState<DraftState>("none");
  useEffect(() => {
    const found = parseDraft(read(key) ?? "", start, lastStep);
    if (found) {
      form.reset(found.values, { keepDefaultValues: true });
      setStep(found.step);
    }
    setRestored(true);
  }, [form, key, start, setStep]);

  useEffect(() => {
    if (!isRestored) return;
    const keep = () => {
      const values = form.getValues();
      if (!isBegun(values, start)) {
        write(key, undefined);
        return setState("none");
      }
      setState(write(key, JSON.stringify({ values, step })) ? "kept" : "refused");
    };
    keep();
    return form.subscribe({ formState: { values: true }, callback: keep });
  }, [form, key, start, step, isRestored]);

  const forget = useCallback(() => {
    write(key, undefined);
  }, [key]);
  return { state, isRestored, forget };
}

function read(key: string): string | undefined {
  try {
    return localStorage.getItem(key) ?? undefined;
  } catch {
    return undefined; // a browser that keeps nothing has no draft
  }
}

/** Whether the browser has taken it. */
function write(key: string, text: string | undefined): boolean {
  try {
    if (text === undefined) localStorage.removeItem(key);
    else localStorage.setItem(key, text);
    return true;
  } catch {
    return false;
  }
}
