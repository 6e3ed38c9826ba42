"use client";

import { useRouter } from "next/navigation";
import type { ComponentProps, MouseEvent } from "react";
import { basePath } from "../../lib/base-path";

/** To another page of this site, without loading the document anew. For what every page holds: Next's own link is 4 kB. */
export function SiteLink({ href, ...props }: ComponentProps<"a"> & { readonly href: string }) {
  const router = useRouter();
  const go = (event: MouseEvent) => {
    const { button, metaKey, ctrlKey, shiftKey, altKey } = event;
    if (button !== 0 || metaKey || ctrlKey || shiftKey || altKey) return; // the browser's: another tab, a window, a download
    event.preventDefault();
    router.push(href);
  };
  return <a {...props} href={basePath + href} onClick={go} />;
}
