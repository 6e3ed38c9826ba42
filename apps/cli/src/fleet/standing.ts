import type { Page } from "@playwright/test";
import type { Fleet } from "./tabs";

/** How the join page says that somebody has to let the tab in. */
const waitingText = "Waiting for whoever runs this study to let you in";

/**
 * Says what keeps each tab out, once each time that it changes, until it is stopped. `wayIn` is what
 * whoever runs the experiment does to let somebody in.
 */
export function sayStandings(options: {
  readonly tabs: Fleet["tabs"];
  readonly wayIn: string;
  readonly say: (text: string) => void;
}): { stop(): void } {
  const { tabs, wayIn, say } = options;
  const said = new Map<string, string>();
  const look = async () => {
    for (const { name, page } of tabs) {
      const now = await standingOf(page).catch(() => undefined); // it is being opened anew
      const before = said.get(name) ?? "";
      if (now === undefined || now === before) continue;
      said.set(name, now);
      if (now === waitingText) say(`${name} waits to be let in: ${wayIn}`);
      else say(`${name}: ${now === "" ? "goes on" : now}`);
    }
  };
  let timer: NodeJS.Timeout | undefined;
  const next = () => {
    timer = setTimeout(() => void look().finally(() => timer && next()), 1000);
  };
  next();
  return {
    stop() {
      clearTimeout(timer);
      timer = undefined;
    },
  };
}

/** What keeps it out; empty where nothing does. */
async function standingOf(page: Page): Promise<string> {
  return page.evaluate((waiting) => {
    const main = document.querySelector("main");
    if (main?.textContent?.includes(waiting)) return waiting;
    const alerts = Array.from(main?.querySelectorAll('[role="alert"]') ?? []);
    return alerts.map(({ textContent }) => textContent).join(" ");
  }, waitingText);
}
