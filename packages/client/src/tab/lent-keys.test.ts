import { keyStoreContract } from "@tandem/storage/testing/key-store.contract";
import { createLentKeys } from "./lent-keys";

keyStoreContract("lent keys", async () => createLentKeys(() => {}));
