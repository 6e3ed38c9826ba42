import { type IncomingHttpHeaders, request } from "node:http";
import type { Answer } from "./judge";

export type Call = {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
};

export type HttpAnswer = Answer & { readonly headers: IncomingHttpHeaders };

const [patienceMs, mostText] = [20_000, 64 * 1024];

/** Past `fetch`, which mends paths. Undefined where nothing comes back in 20 s. */
export function httpCall(url: string, call: Call): Promise<HttpAnswer | undefined> {
  const { method = "GET", path, headers, body } = call;
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const end = (answer?: HttpAnswer) => {
      clearTimeout(timer);
      resolve(answer);
    };
    const options = { hostname, port, method, path, headers, agent: false };
    const sent = request(options, (response) => {
      const { statusCode: status = 0 } = response;
      let text = "";
      const done = () => {
        const code = String(status);
        end({ isTaken: status < 400, code, text, headers: response.headers });
      };
      response
        .on("data", (chunk: Buffer) => {
          if (text.length < mostText) text += chunk.toString("latin1");
        })
        .on("end", done)
        .on("close", done)
        .on("error", done);
    });
    const timer = setTimeout(() => {
      sent.destroy();
      end();
    }, patienceMs);
    sent.on("error", () => end());
    sent.end(body);
  });
}
