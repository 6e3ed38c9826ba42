"use client";

import { toggleTheme } from "../../lib/theme";
import { Button } from "./button";
import { Moon, Sun } from "./icons";

export function ThemeToggle({ label }: { readonly label: string }) {
  return (
    <Button tone="bare" className="px-3" aria-label={label} onClick={toggleTheme}>
      <Sun className="dark:hidden" />
      <Moon className="hidden dark:block" />
    </Button>
  );
}
