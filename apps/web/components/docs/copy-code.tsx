"use client";

import { useEffect } from "react";
import { text } from "../../text/docs";

const shownMs = 2000;

/** Shows the copy buttons of a page's code and has them work, where the browser can copy at all. */
export function CopyCode({ within }: { readonly within: string }) {
  useEffect(() => {
    const root = document.getElementById(within);
    if (!root || !navigator.clipboard) return;
    const buttons = root.querySelectorAll<HTMLButtonElement>("button[data-copy]");
    for (const button of buttons) button.hidden = false;
    const copy = async ({ target }: MouseEvent) => {
      const button = target instanceof Element && target.closest("button[data-copy]");
      if (!button) return;
      await navigator.clipboard.writeText(
        button.parentElement?.querySelector("code")?.textContent ?? "",
      );
      button.textContent = text.copied;
      setTimeout(() => {
        button.textContent = text.copy;
      }, shownMs);
    };
    const onClick = (event: MouseEvent) => void copy(event);
    root.addEventListener("click", onClick);
    return () => root.removeEventListener("click", onClick);
  }, [within]);
  return null;
}
