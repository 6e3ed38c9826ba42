// `npm run journey`: a team's journey in Chromium behind a real proxy with TLS, below a path of a site.
import { follow, setup } from "./setup.mjs";

const usage =
  "usage: npm run journey [-- --proxy nginx|caddy] (default: nginx, which is installed where apt-get may)";
const proxies = ["nginx", "caddy"];

const given = process.argv.slice(2);
const proxy = given.length === 0 ? "nginx" : given[1];
if (given.length === 1 && given[0] === "--help") console.log(usage);
else if (
  given.length > 0 &&
  !(given.length === 2 && given[0] === "--proxy" && proxies.includes(proxy))
) {
  console.error(`journey takes no ${given.join(" ")}. ${usage}`);
  process.exitCode = 1;
} else {
  // The pages hold the path: beside those of `npm run build`, which stay as they are.
  process.env.TANDEM_WEB_BUILD = ".next/journey";
  process.env.TANDEM_JOURNEY_PROXY = proxy;
  await follow(async () => {
    await setup({ postgres: true, proxy, publicUrl: "https://tandem.test/tandem" });
    return [
      "node_modules/@playwright/test/cli.js",
      "test",
      "--config",
      "playwright.journey.config.ts",
    ];
  });
}
