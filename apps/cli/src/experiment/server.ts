import { type Api, createApi } from "../harness/rest-client";

/** What every command of a running server is told. */
export type Server = { readonly url: string; readonly token?: string };

export const apiOf = ({ url, token }: Server): Api => createApi(url, token);

export const say = (text: string) => void process.stdout.write(`${text}\n`);

/** Strangers' texts would write lines of their own, and move the terminal's cursor. */
export const oneLine = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "�");
