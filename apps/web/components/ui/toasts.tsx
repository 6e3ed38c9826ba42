"use client";

import { Toaster } from "sonner";
import { useTheme } from "../../lib/theme";

export function Toasts() {
  return <Toaster theme={useTheme()} position="bottom-center" />;
}
