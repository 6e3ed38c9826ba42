import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { root } from "./sources";

const { askAdvisories } = await import(pathToFileURL(join(root, "scripts/advisories.mjs")).href);

/** npm itself, on a registry of ours. */
async function askedOf(
  listener: RequestListener,
  exceptions: { id: string; package: string; reason: string; reviewed: string }[] = [],
) {
  const registry = createServer(listener).listen(0, "127.0.0.1");
  await once(registry, "listening");
  onTestFinished(() => void registry.close());
  const { port } = registry.address() as AddressInfo;
  const env = { npm_config_registry: `http://127.0.0.1:${port}` };
  const { outcome, lines } = await askAdvisories({ exceptions, env });
  return { outcome, text: lines.join("\n") };
}

const advisory = {
  id: 1,
  url: "https://github.com/advisories/GHSA-aaaa-bbbb-cccc",
  title: "too many arguments",
  severity: "high",
  vulnerable_versions: ">=1.0.0",
  cwe: [],
  cvss: { score: 0, vectorString: null },
};
const knowing =
  (advisories: object): RequestListener =>
  ({ method, url }, response) => {
    response.setHeader("content-type", "application/json");
    if (method === "POST" && url === "/-/npm/v1/security/advisories/bulk")
      return response.end(JSON.stringify(advisories));
    const versions = { "14.0.3": { name: "commander", version: "14.0.3" } };
    return response.end(JSON.stringify({ name: "commander", versions }));
  };

it("says that nothing is known, that something is, and what has been reviewed", async () => {
  expect(await askedOf(knowing({}))).toEqual({ outcome: "none", text: "none found" });
  const found = await askedOf(knowing({ commander: [advisory] }));
  expect(found.outcome).toBe("found");
  expect(found.text).toMatch(/^1 found; .*\n {2}✗ high commander >=1.0.0: too many arguments/);
  const exception = { package: "commander", reason: "no arguments", reviewed: "2026-11-30" };
  const reviewed = await askedOf(knowing({ commander: [advisory] }), [
    { id: "GHSA-aaaa-bbbb-cccc", ...exception },
    { id: "GHSA-dddd-eeee-ffff", ...exception },
  ]);
  expect(reviewed.outcome).toBe("none");
  expect(reviewed.text).toMatch(/^none found \(1 reviewed\)\n.*reviewed 2026-11-30: no arguments/);
  expect(reviewed.text).toMatch(/! GHSA-dddd-eeee-ffff in .* is not known any more/);
}, 60_000);

it("says that a registry without the endpoint does not answer", async () => {
  const { outcome, text } = await askedOf((_, response) => void response.writeHead(405).end());
  expect(outcome).toBe("unanswered");
  expect(text).toMatch(/^the registry does not answer: .*405 .*\. Nothing is known/);
}, 60_000);
