import { isIP } from "node:net";
import { decimal } from "@tandem/core/decimal";
import { durationOf } from "@tandem/core/duration";
import { InvalidArgumentError } from "commander";

/** Of the server's command line; 0 takes a free one. */
export const portNumber = (text: string): number => {
  const port = decimal(text);
  if (port !== undefined && Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new InvalidArgumentError("give a port from 0 to 65535.");
};

export const natural = (text: string): number => {
  const value = decimal(text);
  if (value !== undefined && Number.isSafeInteger(value) && value >= 1) return value;
  throw new InvalidArgumentError("give a whole number from 1.");
};

/** Milliseconds. */
export const duration = (text: string): number => {
  const ms = durationOf(text);
  if (ms !== undefined) return ms;
  throw new InvalidArgumentError("give a time such as 30m, 24h or 7d.");
};

export const share = (text: string): number => {
  const value = decimal(text);
  if (value !== undefined && value > 0 && value <= 1) return value;
  throw new InvalidArgumentError("give a share above 0 and up to 1.");
};

/** One more origin of pages, or several with commas. */
export const origins = (text: string, known: readonly string[] = []): readonly string[] => {
  const given = text.split(",").map((one) => one.trim().replace(/\/$/, ""));
  const odd = given.find(
    (one) => !/^https?:/.test(one) || !URL.canParse(one) || new URL(one).origin !== one,
  );
  if (odd === undefined) return [...known, ...given];
  throw new InvalidArgumentError(
    `${odd || "nothing"} is no origin: give scheme, host and port alone, such as https://example.org.`,
  );
};

/** Where others find the server; a path is where a proxy has put it. */
export const publicUrl = (text: string): URL => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain = url && !url.username && !url.password && !url.search && !url.hash;
  if (isPlain && /^https?:$/.test(url.protocol)) return url;
  throw new InvalidArgumentError(
    `${text || "nothing"} is no address of a site: give one such as https://example.org or https://example.org/tandem.`,
  );
};

/** One more name of a host, or several with commas. */
export const hosts = (text: string, known: readonly string[] = []): readonly string[] => {
  const given = text.split(",").map((one) => one.trim().toLowerCase());
  const odd = given.find((one) => !/^[\w.-]+$/.test(one) || !URL.canParse(`http://${one}`));
  if (odd === undefined) return [...known, ...given];
  throw new InvalidArgumentError(
    `${odd || "nothing"} is no name of a host: give it without scheme and port, such as tandem.internal.`,
  );
};

/** One more address or network of proxies, or several with commas. */
export const networks = (text: string, known: readonly string[] = []): readonly string[] => {
  const given = text.split(",").map((one) => one.trim());
  const odd = given.find((one) => !isNetwork(one));
  if (odd === undefined) return [...known, ...given];
  throw new InvalidArgumentError(
    `${odd || "nothing"} is neither an address nor a network: give one such as 127.0.0.1 or 10.0.0.0/8.`,
  );
};

function isNetwork(text: string): boolean {
  const [address, bits, ...rest] = text.split("/");
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  return (
    bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 6 ? 128 : 32))
  );
}
