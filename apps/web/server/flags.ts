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
