import type { Page } from "@playwright/test";
import { keptRecords } from "../kept-records";

/** What the site answers a page's own request to a path below its address, with what the person's browser knows. */
export function ask(
  page: Page,
  method: string,
  path: string,
  options: { readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> } = {},
): Promise<{ readonly status: number; readonly text: string }> {
  return page.evaluate(
    async ({ method, path, body, headers }) => {
      const json = body === undefined ? {} : { "content-type": "application/json" };
      const answer = await fetch(path, {
        method,
        headers: { ...json, ...headers },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      return { status: answer.status, text: await answer.text() };
    },
    { method, path, ...options },
  );
}

/** Follows an experiment over Socket.IO by long polling alone; resolves with all that it was sent. */
export function watchByPolling(page: Page, base: string, experiment: string): Promise<string> {
  return page.evaluate(
    async ([from, id]) => {
      const at = `${from}/socket.io/?EIO=4&transport=polling`;
      const opened = await (await fetch(at)).text();
      const { sid } = JSON.parse(opened.slice(1));
      const session = `${at}&sid=${sid}`;
      const send = (body: string) => fetch(session, { method: "POST", body });
      let heard = "";
      const hear = async (wanted: string) => {
        for (let tries = 0; tries < 5 && !heard.includes(wanted); tries++)
          heard += await (await fetch(session)).text();
      };
      await send("40");
      await hear("40{");
      await send(`420["watch",${JSON.stringify({ experiment: id })}]`);
      await hear('42["view"');
      await send("1");
      return heard;
    },
    [base, experiment],
  );
}

/**
 * Copies what a browser keeps of the site, as somebody does who reads along in it: all but the keys,
 * whose private halves no script can read.
 */
export async function copyRecords(from: Page, to: Page): Promise<number> {
  const copied = {
    records: await keptRecords(from),
    notes: await from.evaluate(() => Object.entries(localStorage) as [string, string][]),
  };
  await to.evaluate(async ({ records, notes }) => {
    const opening = indexedDB.open("tandem", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("records");
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      opening.onsuccess = () => resolve(opening.result);
      opening.onerror = () => reject(opening.error);
    });
    const writing = database.transaction("records", "readwrite");
    for (const [key, bytes] of records)
      writing.objectStore("records").put(Uint8Array.from(bytes), key);
    await new Promise((resolve) => {
      writing.oncomplete = resolve;
    });
    database.close();
    for (const [key, text] of notes) localStorage.setItem(key, text);
  }, copied);
  return copied.records.length;
}
