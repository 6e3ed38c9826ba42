import { readFile } from "node:fs/promises";
import { expect, type Page } from "@playwright/test";
import { joinAtOnce } from "@tandem/cli/fleet/tabs";
import { follow } from "@tandem/cli/harness/rest-client";
import { unzipSync } from "fflate";
import sharp from "sharp";
import { browserWithoutCookies, everythingSent, launch, sharedServer, test, tiny } from "./harness";
import { barriersOf, inAllLooks, look } from "./looks";

const server = sharedServer();
const section = (page: Page, name: string) => page.getByRole("region", { name, exact: true });

/** A red disc on white, as a phone would take it. */
const picture = (size: number) =>
  sharp(
    Buffer.from(
      `<svg width="${size}" height="${size}"><rect width="100%" height="100%" fill="#fff"/><circle cx="50%" cy="50%" r="40%" fill="#d22"/></svg>`,
    ),
  )
    .jpeg()
    .toBuffer();

test("a browser that keeps nothing takes part, shows its model while it is open, and asks the painter", async () => {
  const { page, close } = await browserWithoutCookies();
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  const everything = everythingSent(page);
  const { strategyConfig } = tiny();
  const changes = { name: "Painted", rounds: 1, minClients: 1 };
  const experiment = await launch(
    server,
    tiny({ ...changes, strategyConfig: { ...strategyConfig, critics: "none" } }),
  );
  await page.goto(`${server.url}/join/${experiment}?slot=0&backend=wasm`);
  const storage = () =>
    Promise.resolve()
      .then(() => sessionStorage.length)
      .catch(() => "denied");
  expect(await page.evaluate(storage)).toBe("denied");
  await page.getByRole("button", { name: "Join with this tab" }).click();
  await expect(page.getByText("This browser keeps nothing for this page").first()).toBeVisible({
    timeout: 60_000,
  });
  const { rounds } = await follow(server.api, experiment, ({ status }) => status === "finished", {
    timeoutMs: 120_000,
  });
  expect(rounds[0].uploads).toBe(1);
  await expect(page.getByText(/^Done\./)).toBeVisible();
  const own = section(page, "Your model");
  await expect(own).toContainText("it is gone when this tab closes");
  await expect(section(page, "Your data")).toContainText("until this tab closes");
  await expect(own.getByRole("term").filter({ hasText: "Now, after 1 round" })).toBeVisible({
    timeout: 30_000,
  });
  const painter = section(page, "Ask the teacher");
  await expect(painter).toContainText("as everyone together has taught it in 1 round");
  const sent: string[] = [];
  page.on("request", (request) => {
    if (request.method() === "POST") sent.push(`${request.postData()}`);
  });
  const field = painter.getByLabel("What to paint");
  await expect(field).toHaveAccessibleDescription(
    "What you type goes to the study’s server, and nothing else does.",
  );
  await field.fill("a red apple");
  await field.press("Enter");
  const made = painter.getByRole("list", { name: "What it has painted" });
  await expect(made.getByRole("img")).toHaveCount(2, { timeout: 30_000 });
  await expect(made.getByRole("img").last()).toHaveAccessibleName("“a red apple”, after round 1");
  expect(sent).toEqual(['{"prompt":"a red apple"}']);
  const [address = ""] = await made
    .getByRole("img")
    .first()
    .evaluate((img) => /https?:[^"]+/.exec(getComputedStyle(img).backgroundImage) ?? []);
  const sheet = await sharp(await (await fetch(address)).arrayBuffer())
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  expect([sheet.info.width, sheet.info.height]).toEqual([64, 32]);
  const [base, taught] = [0, 1].map((half) =>
    String(sheet.data.filter((_, at) => ((at / 96) & 1) === half)),
  );
  expect(base === taught, "the lesson has changed nothing").toBe(false);
  await painter.getByRole("list", { name: "Or one of" }).getByRole("button").first().click();
  await expect(made.getByRole("listitem")).toHaveCount(2, { timeout: 30_000 });
  const adapter = section(page, "The teacher’s adapter");
  const taken = await downloaded(page, adapter.getByRole("link", { name: "Download the adapter" }));
  expect(Object.keys(unzipSync(taken.bytes))).toContain("adapter_config.json");
  await look(page, "painter");
  await page.getByText("What has left this tab").click();
  const ledger = await downloaded(page, page.getByRole("button", { name: "Save as JSONL" }));
  expect(missingIn(ledger.bytes.toString(), everything)).toEqual([]);
  expect(await inAllLooks(page, barriersOf)).toEqual([]);
  await look(page, "ledger");
  await fetch(`${server.url}/api/experiments/${experiment}`, { method: "DELETE" });
  await painter.getByRole("button", { name: "Paint", exact: true }).click();
  await expect(painter.getByRole("alert")).toContainText("has been removed from the server");
  expect(errors).toEqual([]);
  await close();
});

test("a model of pairs is asked and searched while it still takes part", async ({ page }) => {
  const experiment = await launch(
    server,
    tiny({
      name: "Pairs",
      strategy: "local",
      task: "both",
      rounds: 50,
      minClients: 1,
      strategyConfig: { localEpochs: 1, warmUpEpochs: 2 },
    }),
  );
  await joinAtOnce(page, `${server.url}/join/${experiment}?auto=1&backend=wasm&slot=2`);
  const own = section(page, "Your model");
  await own.getByRole("button", { name: "Measure it now" }).click({ timeout: 90_000 });
  await expect(own.getByRole("term").filter({ hasText: "Now, after" })).toBeVisible({
    timeout: 30_000,
  });
  await expect(own).toContainText("of the public test, which nobody trains on");
  await expect(own).toContainText("Guessing reaches 12.5 %");
  const wrong = own.getByRole("list", { name: "It gets these wrong" });
  await expect(wrong.getByRole("img")).toHaveCount(12);
  await expect(own.getByRole("list", { name: "By class" }).getByRole("listitem")).toHaveCount(8);
  await expect(own).toContainText(/its picture half reaches \d+\.\d % and its caption half/);

  const tried = section(page, "Try it");
  const said = tried.getByRole("list", { name: "What your model says" }).getByRole("listitem");
  await tried.getByLabel("A text", { exact: true }).fill("a red apple");
  await tried.getByRole("button", { name: "Ask" }).click();
  await expect(said.first()).toContainText("a red apple");
  await page.evaluate(
    (text) => {
      const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
      const clipboardData = new DataTransfer();
      clipboardData.items.add(new File([bytes], "pasted.jpg", { type: "image/jpeg" }));
      document.dispatchEvent(new ClipboardEvent("paste", { clipboardData }));
    },
    (await picture(64)).toString("base64"),
  );
  await expect(said.first()).toContainText("pasted.jpg");
  await tried.getByLabel("Search your own pictures").fill("apple");
  await tried.getByRole("button", { name: "Search" }).click();
  const found = tried.getByRole("list", { name: "Your nearest pictures" }).getByRole("listitem");
  await expect(found.getByRole("img")).toHaveCount(12);
  const [first] = await found.allTextContents();
  const searched = { name: "disc.jpg", mimeType: "image/jpeg", buffer: await picture(64) };
  await tried.getByLabel("A picture to search by").setInputFiles(searched);
  await expect(found.first()).not.toHaveText(first);
  expect(await barriersOf(page)).toEqual([]);
  await look(page, "pairs");
  expect((await server.api.view(experiment)).status).toBe("running");
});

async function downloaded(page: Page, button: ReturnType<Page["getByRole"]>) {
  const [download] = await Promise.all([page.waitForEvent("download"), button.click()]);
  return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
}

/**
 * What of a tab's traffic its ledger does not tell: events, bodies and addresses. Left out are Socket.IO's
 * own frames (opening, heartbeats), its address, the page itself, and the token, which the ledger hides.
 */
function missingIn(jsonl: string, traffic: ReturnType<typeof everythingSent>): readonly string[] {
  const told = jsonl
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const known = new Set(
    told.flatMap(({ what, name, body, base64 }) => [
      ...(name ? [name] : []),
      ...(base64 ? [Buffer.from(base64, "base64").toString("latin1")] : []),
      ...(body ? [JSON.stringify(what === "post" ? body[1] : body)] : []),
    ]),
  );
  const frames = traffic.flatMap((one) => ("blob" in one ? [Buffer.from(one.blob)] : []));
  expect(frames.length).toBeGreaterThan(20);
  return frames.flatMap((bytes) => {
    const text = bytes.toString("latin1");
    const event = /^42\d*(\[.*)$/s.exec(bytes.toString())?.[1];
    const said = event?.replace(/,?"token":"[^"]*"/, "") ?? text;
    const isOwn = /^(2|3|40|2probe|5)$/.test(text) || /\/socket\.io\/|\/join\/[^/]*$/.test(text);
    return isOwn || known.has(said) ? [] : [said.slice(0, 200)];
  });
}
