import { decimal } from "@tandem/core/decimal";
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
