import type { Page } from "@playwright/test";

/** What a page's browser keeps in IndexedDB for the client, by key. */
export const keptRecords = (page: Page): Promise<readonly (readonly [string, number[]])[]> =>
  page.evaluate(async () => {
    const settled = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const database = await settled(indexedDB.open("tandem"));
    const store = database.transaction("records").objectStore("records");
    const keys = (await settled(store.getAllKeys())) as string[];
    const values = (await settled(store.getAll())) as Uint8Array[];
    database.close();
    return keys.map((key, at) => [key, Array.from(values[at])] as const);
  });
