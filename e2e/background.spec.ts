import { type CDPSession, chromium, expect } from "@playwright/test";
import { chromiumFlags, chromiumPath } from "@tandem/cli/fleet/chromium";
import { joinUrl, startFleet } from "@tandem/cli/fleet/tabs";
import { follow } from "@tandem/cli/harness/rest-client";
import type { ExperimentView } from "@tandem/protocol/view";
import { launch, sharedServer, test, tiny } from "./harness";

const server = sharedServer();
const limit = { timeoutMs: 120_000 };
const one = tiny({ rounds: 2, minClients: 1, deadlineMs: 120_000 });
const client = { slot: 1, backend: "wasm" as const, name: "Tab" };
const finished = ({ status }: ExperimentView) => status === "finished";
const working = ({ clients }: ExperimentView) => clients.some(({ status }) => status === "working");

const throttling = [
  "--disable-background-timer-throttling",
  "--disable-renderer-backgrounding",
  "--disable-backgrounding-occluded-windows",
];

test("a tab behind another trains on, though the browser throttles it", async () => {
  // Neither the fleet's flags nor Playwright's; and no page of Playwright's, which it makes believe to be in front.
  const browser = await chromium.launch({
    executablePath: chromiumPath(process.cwd()),
    args: chromiumFlags.filter((flag) => !throttling.includes(flag)),
    ignoreDefaultArgs: throttling,
  });
  const cdp = await browser.newBrowserCDPSession();
  const experiment = await launch(server, one);
  const url = joinUrl(server.url, experiment, client);
  const page = { url: url.split("?")[0] };
  const { targetId } = await cdp.send("Target.createTarget", page);
  const evaluate = await evaluator(cdp, targetId);
  // While it is made or left a page has nothing to evaluate in.
  const title = () => evaluate("[document.title]").catch(() => []);
  await expect.poll(title).toEqual([expect.stringContaining("Tandem")]);
  // A join page alone may have a tab join.
  void evaluate(`location.assign("${url}")`).catch(() => {});
  await follow(server.api, experiment, working, limit);
  await cdp.send("Target.createTarget", { url: "about:blank" });
  const tenTimers = `(async () => {
    const start = performance.now();
    for (let i = 0; i < 10; i++) await new Promise((done) => setTimeout(done, 10));
    return [document.visibilityState, performance.now() - start];
  })()`;
  const [visibility, elapsed] = (await evaluate(tenTimers)) as [string, number]; // as it returns
  expect(visibility).toBe("hidden");
  expect(elapsed).toBeGreaterThan(3000); // a timer a second

  const { rounds } = await follow(server.api, experiment, finished, limit);
  expect(rounds.map(({ uploads }) => uploads)).toEqual([1, 1]);
  expect((await evaluate("[document.visibilityState]")) as [string]).toEqual(["hidden"]);
  await browser.close();
});

test("a tab in front keeps the screen on while it takes part; put to sleep, it goes on when it wakes", async ({
  browser,
}) => {
  const experiment = await launch(server, one);
  const fleet = await startFleet({ url: server.url, experiment, clients: [client], browser });
  const [{ page }] = fleet.tabs;
  const before = await follow(server.api, experiment, working, limit);
  const notice = page.getByText("The screen stays on while this tab takes part.");
  await expect(notice).toBeVisible();
  const session = await page.context().newCDPSession(page);
  await session.send("Page.setWebLifecycleState", { state: "frozen" });
  await new Promise((resolve) => setTimeout(resolve, 5000));
  await session.send("Page.setWebLifecycleState", { state: "active" });
  const after = await follow(server.api, experiment, finished, limit);
  expect(after.clients.map(({ id }) => id)).toEqual(before.clients.map(({ id }) => id));
  expect(after.rounds.map(({ uploads }) => uploads)).toEqual([1, 1]);
  await expect(notice).toBeHidden();
  await fleet.close();
});

/** Evaluates in a page that nothing else is attached to. */
async function evaluator(cdp: CDPSession, targetId: string) {
  const { sessionId } = await cdp.send("Target.attachToTarget", { targetId, flatten: false });
  let id = 0;
  return (expression: string): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const own = ++id;
      const params = { expression, awaitPromise: true, returnByValue: true };
      cdp.on("Target.receivedMessageFromTarget", ({ message }) => {
        const answer = JSON.parse(message);
        if (answer.id !== own) return;
        if (answer.error) reject(new Error(answer.error.message));
        else resolve(answer.result.result.value);
      });
      const message = JSON.stringify({ id: own, method: "Runtime.evaluate", params });
      void cdp.send("Target.sendMessageToTarget", { sessionId, message });
    });
}
