import { TandemError } from "@tandem/core/errors";

/** Where tabs join. */
export type Destination = {
  /** Of the server, without a slash at its end. */
  readonly url: string;
  readonly experiment: string;
  readonly invitation?: string;
};

type Given = { readonly experiment?: string; readonly invitation?: string };

/**
 * From a server's address, or the link of a join page with what an invitation has behind its `#`.
 * Throws `bad-config` for what is neither, and for options that say something else than the link.
 */
export function destinationOf(address: string, { experiment, invitation }: Given): Destination {
  if (!/^https?:\/\//.test(address) || !URL.canParse(address))
    throw wrong(`${address} is no address: give one such as http://localhost:3000, or a join link`);
  const { origin, pathname, hash } = new URL(address);
  const [, base = pathname, linked] = /^(.*)\/join\/([\w-]{1,64})\/?$/.exec(pathname) ?? [];
  const url = origin + base.replace(/\/+$/, "");
  const id = experiment ?? linked;
  if (id === undefined)
    throw wrong(`${address} names no experiment: give its join link, or --experiment ID`);
  if (linked !== undefined && id !== linked)
    throw wrong(`the link is of ${linked}, and --experiment says ${id}: leave one of them out`);
  const secret = invitation === undefined ? hash.slice(1) : secretOf(invitation);
  return { url, experiment: id, ...(secret !== "" && { invitation: secret }) };
}

/** Of an invitation's link, or what is behind its `#` alone. */
function secretOf(text: string): string {
  const secret = text.slice(text.indexOf("#") + 1);
  if (/^[\w-]{16,128}$/.test(secret)) return secret;
  throw wrong(`${text} is no invitation: give its whole link, with what is behind the #`);
}

const wrong = (message: string) => new TandemError("bad-config", message);
