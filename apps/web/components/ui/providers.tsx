"use client";

import { usePathname } from "next/navigation";
import { ThemeProvider } from "next-themes";
import { lazy, type ReactNode, Suspense } from "react";

const Toasts = lazy(() => import("./toasts").then((loaded) => ({ default: loaded.Toasts })));

export function Providers({ children }: { readonly children: ReactNode }) {
  const isJoining = usePathname().startsWith("/join/"); // has none, and little to load
  return (
    <ThemeProvider attribute="class" defaultTheme="system" disableTransitionOnChange>
      {children}
      <Suspense>{!isJoining && <Toasts />}</Suspense>
    </ThemeProvider>
  );
}
