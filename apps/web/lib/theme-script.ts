/** Where the choice is kept. */
export const themeKey = "theme";

/** As was chosen in this browser, else as the system has it, also when that changes. Uses nothing around it. */
export function followTheme(key: string): void {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    let chosen: string | null = null;
    try {
      chosen = localStorage.getItem(key);
    } catch {}
    const isDark = chosen === "dark" || (chosen !== "light" && system.matches);
    document.documentElement.classList.toggle("dark", isDark);
    document.documentElement.classList.toggle("light", !isDark);
  };
  apply();
  system.addEventListener("change", apply);
  addEventListener("storage", apply);
}

/** Runs before anything is drawn. */
export const themeScript = `(${followTheme})("${themeKey}")`;
