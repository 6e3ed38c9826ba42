import type { IncomingMessage } from "node:http";
import { expect, test } from "vitest";
import { arrivalOf, arrive, bucketOf, trustedProxies } from "./proxies";

const from = (remoteAddress: string, headers: Record<string, string> = {}) =>
  ({ headers: { host: "a.example", ...headers }, socket: { remoteAddress } }) as IncomingMessage & {
    headers: Record<string, string>;
  };
const forwarded = {
  "x-forwarded-for": "198.51.100.7, 203.0.113.5, 10.1.2.3",
  "x-forwarded-proto": "https",
  "x-forwarded-host": "public.example",
};

test("what a proxy says is believed of named ones alone, and taken off for everybody", () => {
  const isTrusted = trustedProxies(["127.0.0.1", "10.0.0.0/8", "fd00::/8"]);
  const through = from("::ffff:127.0.0.1", forwarded);
  arrive(through, isTrusted);
  expect(arrivalOf(through)).toEqual({
    address: "203.0.113.5", // what stands before it, the client may have made up
    host: "public.example",
    isSecure: true,
    isForwarded: true,
  });
  expect(through.headers).toEqual({ host: "a.example" });
  const stranger = from("192.0.2.1", forwarded);
  arrive(stranger, isTrusted);
  expect(arrivalOf(stranger)).toEqual({
    address: "192.0.2.1",
    host: "a.example",
    isSecure: false,
    isForwarded: true,
  });
  expect(stranger.headers).toEqual({ host: "a.example" });
  for (const odd of ["nonsense", "1.2.3.4.5", ""]) {
    const request = from("10.0.0.1", { "x-forwarded-for": odd });
    arrive(request, isTrusted);
    expect(arrivalOf(request).address).toBe("10.0.0.1");
  }
});

test("an IPv6 holder is one, however many addresses they use", () => {
  expect(bucketOf("2001:db8:1:2:aaaa::1")).toBe("2001:db8:1:2::/64");
  expect(bucketOf("2001:0DB8:0001:0002::1")).toBe("2001:db8:1:2::/64");
  expect(bucketOf("2001:db8::1")).toBe("2001:db8:0:0::/64");
  expect(bucketOf("2001:db8::2:3:4:5:6")).toBe("2001:db8:0:2::/64");
  expect(bucketOf("fe80::1%eth0")).toBe("fe80:0:0:0::/64");
  expect(bucketOf("::1")).toBe("0:0:0:0::/64");
  expect(bucketOf("::ffff:192.0.2.1")).toBe("192.0.2.1");
  expect(bucketOf("192.0.2.1")).toBe("192.0.2.1");
});
