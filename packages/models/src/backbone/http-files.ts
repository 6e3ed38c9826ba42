import { messageOf, TandemError } from "@tandem/core/errors";
import { concatenated } from "@tandem/core/tensor";
import { mebibyte, type ReadFile } from "./files";

/**
 * Reads the files of a model.json by HTTP: from an https address, or from a path on the server at `base`.
 * Returns how it reads, and the manifest's own name.
 */
export function httpFiles(
  url: string,
  options: {
    readonly base: string;
    readonly signal?: AbortSignal | undefined;
    readonly fetch?: typeof fetch;
  },
): { readonly read: ReadFile; readonly manifest: string } {
  const { base, signal, fetch: get = fetch } = options;
  const address = addressOf(url, base);
  const isAllowed = ({ protocol, origin }: URL) =>
    protocol === "https:" || origin === new URL(base).origin;
  const read: ReadFile = async (path, mostBytes) => {
    const target = new URL(address);
    // The query may hold a token or a version, which the other files need as well.
    target.pathname = new URL(path.split("/").map(encodeURIComponent).join("/"), address).pathname;
    const shown = target.origin + target.pathname;
    try {
      const response = await get(target, {
        credentials: "omit",
        referrerPolicy: "no-referrer",
        ...(signal && { signal }),
      });
      if (response.url && !isAllowed(new URL(response.url)))
        throw new TandemError(
          "forbidden",
          `${shown} leads to ${response.url}, which is not https.`,
        );
      if (!response.ok)
        throw new TandemError("unavailable", `${shown} answers ${response.status}.`);
      return await bounded(response, mostBytes, shown);
    } catch (error) {
      if (error instanceof TandemError) throw error;
      if (signal?.aborted) throw new TandemError("cancelled", "loading a backbone was cancelled");
      throw new TandemError(
        "unavailable",
        `${shown} cannot be read (${messageOf(error)}): another site has to allow it (CORS), or the admin puts the files on this server.`,
        { cause: error },
      );
    }
  };
  return { read, manifest: decodeURIComponent(address.pathname.split("/").at(-1) ?? "") };
}

function addressOf(url: string, base: string): URL {
  const isOwn = /^\/(?![/\\])/.test(url);
  const whole = isOwn ? base.replace(/\/$/, "") + url : url; // the server may be below a path
  const address = URL.canParse(whole) ? new URL(whole) : undefined;
  if (address && (isOwn ? address.origin === new URL(base).origin : address.protocol === "https:"))
    return address;
  throw new TandemError(
    "bad-config",
    `${JSON.stringify(url)} is no address of a backbone: give an https address of a model.json, or a path on this server.`,
  );
}

/** Stops reading as soon as there is more than was asked for. */
async function bounded(response: Response, most: number, shown: string): Promise<Uint8Array> {
  const tooLarge = () =>
    new TandemError(
      "too-large",
      `${shown} is larger than the ${most < mebibyte ? `${most} bytes` : `${(most / mebibyte).toFixed(1)} MiB`} that it may have.`,
    );
  const declared = Number(response.headers.get("content-length") ?? 0);
  const isPacked = response.headers.has("content-encoding");
  const reader = response.body?.getReader();
  if (!isPacked && declared > most) {
    await reader?.cancel();
    throw tooLarge();
  }
  const parts: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const chunk = await reader?.read();
    if (!chunk || chunk.done) return concatenated(Uint8Array, parts);
    length += chunk.value.length;
    parts.push(chunk.value);
    if (length > most) {
      await reader?.cancel();
      throw tooLarge();
    }
  }
}
