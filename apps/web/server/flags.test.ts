import { expect, it, vi } from "vitest";
import { serverCommand } from "./command";
import { duration, hosts, natural, networks, origins, portNumber, publicUrl, share } from "./flags";

it("the server's flags are whole decimal numbers in their range", () => {
  expect([portNumber("0"), portNumber("65535"), natural("1")]).toEqual([0, 65_535, 1]);
  for (const text of ["", "-1", "65536", "0x50", "80.5"])
    expect(() => portNumber(text)).toThrow(/port from 0/);
  for (const text of ["", "0", "1.5", "Infinity", "0x1"])
    expect(() => natural(text)).toThrow(/whole number from 1/);
  expect([share("0.25"), share("1")]).toEqual([0.25, 1]);
  for (const text of ["", "0", "-0.5", "1.1", "50%"])
    expect(() => share(text)).toThrow(/share above 0 and up to 1/);
});

it("origins are scheme, host and port, one by one or with commas", () => {
  expect(origins("https://a.example, http://localhost:8080/")).toEqual([
    "https://a.example",
    "http://localhost:8080",
  ]);
  for (const text of ["*", "null", "", "a.example", "https://a.example/x", "ftp://a.example"])
    expect(() => origins(text), text).toThrow(/is no origin: give scheme, host and port alone/);
  const parsed = (...args: string[]) =>
    serverCommand()
      .action(() => {})
      .parse(args, { from: "user" })
      .opts().allowOrigin;
  const twice = ["--allow-origin", "https://a.example", "--allow-origin", "https://b.example"];
  expect(parsed(...twice)).toEqual(["https://a.example", "https://b.example"]);
  vi.stubEnv("TANDEM_ALLOWED_ORIGINS", "https://c.example,https://d.example");
  expect(parsed()).toEqual(["https://c.example", "https://d.example"]);
  expect(parsed(...twice)).toEqual(["https://a.example", "https://b.example"]);
  vi.unstubAllEnvs();
});

it("a public address may have a path, and nothing else behind it", () => {
  expect(publicUrl("https://a.example/tandem").pathname).toBe("/tandem");
  for (const text of ["", "a.example", "ftp://a.example", "https://u:p@a.example", "https://a?b"])
    expect(() => publicUrl(text), text).toThrow(/is no address of a site/);
});

it("a time has a unit", () => {
  expect(duration("36h")).toBe(129_600_000);
  for (const text of ["", "36", "0h", "1w"])
    expect(() => duration(text), text).toThrow(/a time such/);
});

it("proxies are addresses or networks, hosts are names", () => {
  expect(networks("127.0.0.1, 10.0.0.0/8,fd00::/8")).toEqual([
    "127.0.0.1",
    "10.0.0.0/8",
    "fd00::/8",
  ]);
  for (const text of ["", "proxy", "10.0.0.0/33", "10.0.0.0/8/8", "::/129", "*"])
    expect(() => networks(text), text).toThrow(/neither an address nor a network/);
  expect(hosts("Tandem.internal,upstream")).toEqual(["tandem.internal", "upstream"]);
  for (const text of ["", "*", "https://a.example", "a.example:80"])
    expect(() => hosts(text), text).toThrow(/no name of a host/);
});
