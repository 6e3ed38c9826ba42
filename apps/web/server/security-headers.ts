import { randomBytes } from "node:crypto";
import type { ServerResponse } from "node:http";

const permissions = [
  "camera=(self)",
  "screen-wake-lock=(self)",
  ...["accelerometer", "bluetooth", "display-capture", "geolocation", "gyroscope", "hid"].map(off),
  ...["magnetometer", "microphone", "midi", "payment", "serial", "usb"].map(off),
].join(", ");

/** Of every answer; a policy that a page or a script of a worker replaces. */
export function harden(
  response: ServerResponse,
  { isPinned }: { readonly isPinned: boolean },
): void {
  response.setHeader("content-security-policy", policyOf({ "default-src": "'none'" }));
  response.setHeader("x-frame-options", "DENY");
  response.setHeader("x-content-type-options", "nosniff");
  response.setHeader("referrer-policy", "same-origin");
  response.setHeader("permissions-policy", permissions);
  response.setHeader("cross-origin-opener-policy", "same-origin");
  if (isPinned) response.setHeader("strict-transport-security", "max-age=31536000");
}

/**
 * Of a page: scripts that bear the nonce, and what these load. Models are read by workers, so that
 * pages speak to nobody else. Styles are set on elements, which no nonce can let through.
 */
export function pagePolicy(nonce: string, { socket, isDev }: { socket: string; isDev: boolean }) {
  return policyOf({
    "default-src": "'self'",
    "script-src": `'self' 'nonce-${nonce}' 'strict-dynamic' 'wasm-unsafe-eval'${isDev ? " 'unsafe-eval'" : ""}`,
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' blob: data:",
    "media-src": "'self' blob:",
    "connect-src": `'self' ${socket}`, // older browsers do not take a web socket for 'self'
    "worker-src": "'self'",
    "object-src": "'none'",
    "form-action": "'self'",
  });
}

/**
 * Of a script that becomes a worker, which has the policy of its own file: this server's scripts alone,
 * without `eval`. A study may have its backbone on any site, by https; only this server's own code asks it.
 */
export const workerPolicy = ({ socket }: { readonly socket: string }): string =>
  policyOf({
    "default-src": "'none'",
    "script-src": "'self' 'wasm-unsafe-eval'",
    "connect-src": `'self' ${socket} https:`,
  });

export const newNonce = (): string => randomBytes(16).toString("base64");

const policyOf = (directives: Readonly<Record<string, string>>): string =>
  Object.entries({ ...directives, "base-uri": "'none'", "frame-ancestors": "'none'" })
    .map(([name, value]) => `${name} ${value}`)
    .join("; ");

function off(feature: string): string {
  return `${feature}=()`;
}
