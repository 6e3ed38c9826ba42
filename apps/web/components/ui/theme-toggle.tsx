"use client";

import { toggleTheme } from "../../lib/theme";
import { Button } from "./button";
import { Moon, Sun } from "./icons";

export function ThemeToggle() {
  return (
    <Button
      tone="bare"
      className="px-3"
      aria-label="Switch between light and dark"
      onClick={toggleTheme}
    >
      <Sun className="dark:hidden" />
      <Moon className="hidden dark:block" />
    </Button>
  );
}
