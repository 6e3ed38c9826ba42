import { modalityOf, type OwnData, openOwnData } from "@tandem/client/own-data";
import { codeOf, messageOf } from "@tandem/core/errors";
import type { ClientStore } from "@tandem/core/stores";
import type { Answered } from "../ask-worker";
import type { Kept, PageToKeeper } from "./kept-messages";

/** Answers what the page asks about own data, which it packs and unpacks here; each answer says what is there then. */
export function serveKept(
  openStore: () => Promise<ClientStore>,
  /** Where a browser keeps nothing for the page, as in a private window. */
  memory: ClientStore,
): (ask: PageToKeeper & { readonly id: number }) => Promise<Answered<Kept | undefined>> {
  let opened: Promise<ClientStore> | undefined;

  async function answer(ask: PageToKeeper): Promise<Kept | undefined> {
    opened ??= openStore().catch(() => memory);
    const store = await opened;
    const own = openOwnData(store, ask.task);
    if (ask.type === "remove") await own.remove();
    const data =
      ask.type === "write" ? await own.keep(ask.set, { backbone: ask.backbone }) : await own.read();
    return data && described(data, (await own.bytes()) ?? 0, store !== memory);
  }

  return async (ask) => {
    try {
      return { id: ask.id, answer: await answer(ask) };
    } catch (error) {
      return { id: ask.id, code: codeOf(error) ?? "unavailable", message: messageOf(error) };
    }
  };
}

function described(data: OwnData, bytes: number, isLasting: boolean): Kept {
  const { train, heldOut, aside = 0, backbone } = data;
  const { images } = train;
  return {
    modality: modalityOf(data),
    train: train.size,
    heldOut: heldOut.size,
    bytes,
    aside,
    isLasting,
    ...(images && { side: images.shape[1] }),
    ...(backbone && { backbone }),
  };
}
