import { expect } from "@playwright/test";
import { sharedServer, test, withoutTeacher } from "./harness";
import { servePage } from "./page-server";

const server = sharedServer();

test("nobody joins by a link from elsewhere, nor in a frame, and no script of markup runs", async ({
  page,
}) => {
  const { id } = await server.api.create(withoutTeacher());
  const join = `${server.url}/join/${id}?auto=1&backend=wasm`;
  const site = await servePage({
    host: "127.0.0.1",
    html: `<a href="${join}">prize</a><iframe src="${join}"></iframe>`,
    scripts: {},
  });
  const refusals: string[] = [];
  page.on("console", (message) => refusals.push(message.text()));
  await page.goto(site.origin);
  await expect.poll(() => refusals.join("\n")).toMatch(/frame-ancestors 'none'/);
  await page.getByRole("link", { name: "prize" }).click();
  await expect(page.getByRole("button", { name: "Join with this tab" })).toBeEnabled();
  const [ran, told] = await page.evaluate(async () => {
    document.body.insertAdjacentHTML(
      "beforeend",
      `<img src="data:," onerror="window.hasRun = true">`,
    );
    const answer = await fetch("http://127.0.0.1:9/").catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 200));
    return ["hasRun" in window, answer !== undefined];
  });
  expect([ran, told]).toEqual([false, false]);
  expect(refusals.join("\n")).toMatch(/inline event handler/);
  expect(refusals.join("\n")).toMatch(/connect-src 'self'/);
  expect((await server.api.view(id)).clients).toEqual([]);
  site.close();
});
