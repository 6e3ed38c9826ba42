import { isIP } from "node:net";

/** Whether an address leads to the machine that opens it. */
export const isThisMachine = ({ hostname }: URL): boolean =>
  hostname === "localhost" ||
  hostname === "[::1]" ||
  (isIP(hostname) === 4 && hostname.startsWith("127."));
