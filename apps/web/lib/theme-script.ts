/** Where the choice is kept. */
export const themeKey = "theme";

/** Runs before anything is drawn: as was chosen in this browser, else as the system has it, also when that changes. */
export const themeScript = `(() => {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    let chosen;
    try { chosen = localStorage.getItem("${themeKey}"); } catch {}
    const isDark = chosen === "dark" || (chosen !== "light" && system.matches);
    document.documentElement.classList.toggle("dark", isDark);
    document.documentElement.classList.toggle("light", !isDark);
  };
  apply();
  system.addEventListener("change", apply);
  addEventListener("storage", apply);
})()`;
