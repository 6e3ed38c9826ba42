import { useSyncExternalStore } from "react";
import { themeKey } from "./theme-script";

const isDark = () => document.documentElement.classList.contains("dark");

export function toggleTheme(): void {
  const { classList } = document.documentElement;
  const dark = classList.toggle("dark");
  classList.toggle("light", !dark);
  try {
    localStorage.setItem(themeKey, dark ? "dark" : "light");
  } catch {
    // A browser that keeps nothing has it until the page is left.
  }
}

/** What is drawn with; on the server light. */
export const useTheme = (): "light" | "dark" =>
  useSyncExternalStore(
    onChange,
    () => (isDark() ? "dark" : "light"),
    () => "light",
  );

function onChange(tell: () => void) {
  const observer = new MutationObserver(tell);
  observer.observe(document.documentElement, { attributeFilter: ["class"] });
  return () => observer.disconnect();
}
