"use client";

import { usePathname } from "next/navigation";
import { lazy, type ReactNode, Suspense } from "react";

const Toasts = lazy(() => import("./toasts").then((loaded) => ({ default: loaded.Toasts })));

export function Providers({ children }: { readonly children: ReactNode }) {
  const isJoining = usePathname().startsWith("/join/"); // has none, and little to load
  return (
    <>
      {children}
      <Suspense>{!isJoining && <Toasts />}</Suspense>
    </>
  );
}
