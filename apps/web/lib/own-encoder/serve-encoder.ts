import { type OwnEncoder, openOwnEncoder } from "@tandem/client/own-encoder";
import { codeOf, messageOf } from "@tandem/core/errors";
import type { ClientStore } from "@tandem/core/stores";
import type { Answered } from "../ask-worker";
import type { GivenFile } from "./check-encoder";
import type { EncoderOptions, KeptEncoder, PageToEncoder } from "./messages";

type Check = (files: readonly GivenFile[], options: EncoderOptions) => Promise<OwnEncoder>;

/** Answers what the page asks about somebody's own encoder; each answer says what is there then. */
export function serveEncoder(
  openStore: () => Promise<ClientStore>,
  check: Check,
): (ask: PageToEncoder & { readonly id: number }) => Promise<Answered<KeptEncoder | undefined>> {
  async function answer(ask: PageToEncoder): Promise<KeptEncoder | undefined> {
    const own = openOwnEncoder(await openStore(), ask.experiment);
    if (ask.type === "bring") {
      const files = ask.files.map((file) => ({
        path: file.webkitRelativePath || file.name,
        bytes: file,
      }));
      await own.write(await check(files, ask.options));
    }
    if (ask.type === "remove") await own.remove();
    const encoder = await own.read();
    return encoder && described(encoder);
  }

  return async (ask) => {
    try {
      return { id: ask.id, answer: await answer(ask) };
    } catch (error) {
      return { id: ask.id, code: codeOf(error) ?? "unavailable", message: messageOf(error) };
    }
  };
}

const described = ({ files, pinned }: OwnEncoder): KeptEncoder => {
  const { size, features, parameters } = pinned;
  const bytes = Object.values(files).reduce((sum, { length }) => sum + length, 0);
  return { size, features, parameters, bytes };
};
