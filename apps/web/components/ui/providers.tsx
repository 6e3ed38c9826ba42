"use client";

import { usePathname } from "next/navigation";
import { lazy, type ReactNode, Suspense, useLayoutEffect } from "react";
import { followTheme, themeKey } from "../../lib/theme-script";

const Toasts = lazy(() => import("./toasts").then((loaded) => ({ default: loaded.Toasts })));

export function Providers({ children }: { readonly children: ReactNode }) {
  const isJoining = usePathname().startsWith("/join/"); // has none, and little to load
  // Where nothing is found the document is drawn by React, which runs no script of it.
  useLayoutEffect(() => {
    if (!/\b(light|dark)\b/.test(document.documentElement.className)) followTheme(themeKey);
  }, []);
  return (
    <>
      {children}
      <Suspense>{!isJoining && <Toasts />}</Suspense>
    </>
  );
}
