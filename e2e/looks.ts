import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import AxeBuilder from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";

/** Both themes at both widths. */
const looks = (["light", "dark"] as const).flatMap((colorScheme) =>
  [1440, 390].map((width) => ({ colorScheme, width })),
);

/** What axe finds, of any weight. */
export async function violationsOf(page: Page): Promise<readonly string[]> {
  return (await analysed(page)).map(named);
}

/** What axe finds that keeps somebody out. */
export async function barriersOf(page: Page): Promise<readonly string[]> {
  const isBarrier = ({ impact }: Violation) => impact === "serious" || impact === "critical";
  return (await analysed(page)).filter(isBarrier).map(named);
}

/** What `find` finds in both themes at both widths, and where the page scrolls sideways. */
export async function inAllLooks(
  page: Page,
  find: (page: Page) => Promise<readonly string[]>,
): Promise<readonly string[]> {
  const found: string[] = [];
  await throughLooks(page, async ({ colorScheme, width }) => {
    const scroll = await page.evaluate(() => document.documentElement.scrollWidth);
    const all = [...(await find(page)), ...(scroll > width ? [`it is ${scroll} px wide`] : [])];
    found.push(...all.map((one) => `${colorScheme}, ${width} px: ${one}`));
  });
  return found;
}

/** Pictures of the page in both themes and widths, where `TANDEM_SCREENSHOTS` names a folder. */
export async function look(page: Page, name: string): Promise<void> {
  const folder = process.env.TANDEM_SCREENSHOTS;
  if (!folder) return;
  await mkdir(folder, { recursive: true });
  await throughLooks(page, async ({ colorScheme, width }) => {
    await page.evaluate(() => window.scrollTo({ top: 0 }));
    const path = join(folder, `${name}-${colorScheme}-${width}.png`);
    await page.screenshot({ path, fullPage: true });
  });
}

/** As it was afterwards. */
async function throughLooks(page: Page, visit: (look: (typeof looks)[number]) => Promise<void>) {
  const before = page.viewportSize();
  for (const { colorScheme, width } of looks) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.setViewportSize({ width, height: 900 });
    await expect(page.locator("html")).toHaveClass(new RegExp(`\\b${colorScheme}\\b`));
    // A frame drawn at that width, so that what follows the width has followed.
    await page.waitForFunction((wanted) => window.innerWidth === wanted, width);
    await page.evaluate(
      () => new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn))),
    );
    await visit({ colorScheme, width });
  }
  await page.emulateMedia({ colorScheme: "light" });
  if (before) await page.setViewportSize(before);
}

const analysed = async (page: Page) => (await new AxeBuilder({ page }).analyze()).violations;
type Violation = Awaited<ReturnType<typeof analysed>>[number];
const named = ({ id, nodes }: Violation) =>
  `${id}: ${nodes.map(({ target }) => target).join(", ")}`;
