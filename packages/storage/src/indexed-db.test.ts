import "fake-indexeddb/auto";
import { expect, it } from "vitest";
import { openIndexedDbClientStore, openIndexedDbKeyStore } from "./indexed-db";
import { clientStoreContract } from "./testing/client-store.contract";
import { keyStoreContract } from "./testing/key-store.contract";

let databases = 0;
const open = () => openIndexedDbClientStore(`tandem-${databases++}`);

clientStoreContract("IndexedDB", open);
keyStoreContract("IndexedDB", () => openIndexedDbKeyStore(`keys-${databases++}`));

it("a second opening of the same name sees what the first one wrote", async () => {
  await (await openIndexedDbClientStore("shared")).set("token", Uint8Array.of(1));
  expect(await (await openIndexedDbClientStore("shared")).get("token")).toEqual(Uint8Array.of(1));
  expect(await (await open()).keys()).toEqual([]);
});
