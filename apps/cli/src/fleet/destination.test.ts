import { expect, test } from "vitest";
import { destinationOf } from "./destination";

const secret = "0123456789abcdefABCDEF-_";

test("tabs join by a server's address and an id, or by a link", () => {
  expect(destinationOf("http://localhost:3000/", { experiment: "exp-1" })).toEqual({
    url: "http://localhost:3000",
    experiment: "exp-1",
  });
  const link = `https://example.org/tandem/join/exp-1#${secret}`;
  const invited = {
    url: "https://example.org/tandem",
    experiment: "exp-1",
    invitation: secret,
  };
  expect(destinationOf(link, {})).toEqual(invited);
  const [address, experiment] = ["https://example.org/tandem/", "exp-1"];
  for (const invitation of [secret, link])
    expect(destinationOf(address, { experiment, invitation })).toEqual(invited);
  expect(destinationOf("https://example.org/join/exp-1?name=x", {})).toEqual({
    url: "https://example.org",
    experiment: "exp-1",
  });
});

test.each([
  ["localhost:3000", { experiment: "a" }, /is no address/],
  ["http://localhost:3000", {}, /names no experiment: .*--experiment ID/],
  ["http://localhost:3000/join/a", { experiment: "b" }, /is of a, and --experiment says b/],
  ["http://localhost:3000/join/a", { invitation: "short" }, /short is no invitation/],
  ["http://localhost:3000/join/a", { invitation: "http://x/join/a" }, /is no invitation/],
])("%s with %o is refused with the way out", (address, given, message) => {
  expect(() => destinationOf(address, given)).toThrow(message);
});
