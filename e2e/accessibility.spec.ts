import AxeBuilder from "@axe-core/playwright";
import { type Browser, expect, test } from "@playwright/test";
import { ownServer, tiny } from "./harness";

const server = ownServer();
let experiment = "";
test.beforeAll(async () => {
  experiment = (await server.api.create(tiny())).id;
});

const pages = {
  "the list": () => "/",
  "the form": () => "/experiments/new",
  "an experiment": () => `/experiments/${experiment}`,
  "the join page": () => `/join/${experiment}`,
} as const;

for (const [name, path] of Object.entries(pages))
  for (const colorScheme of ["light", "dark"] as const)
    for (const width of [1440, 390])
      test(`${name} has no serious barrier in ${colorScheme} at ${width} px`, async ({
        browser,
      }) => {
        expect(await barriers(browser, path(), { colorScheme, width })).toEqual([]);
      });

type Look = { readonly colorScheme: "light" | "dark"; readonly width: number };

async function barriers(browser: Browser, path: string, { colorScheme, width }: Look) {
  const context = await browser.newContext({
    colorScheme,
    reducedMotion: "reduce",
    viewport: { width, height: 900 },
  });
  const page = await context.newPage();
  await page.goto(server.url + path);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  const { violations } = await new AxeBuilder({ page }).analyze();
  const scroll = await page.evaluate(() => document.documentElement.scrollWidth);
  await context.close();
  expect(scroll, "the page scrolls sideways").toBeLessThanOrEqual(width);
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target).join(", ")}`);
}
