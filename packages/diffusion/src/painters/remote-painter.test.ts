import type { ServerResponse } from "node:http";
import { createRng } from "@tandem/core/rng";
import { toldOf } from "@tandem/core/told-error";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import {
  type Answer,
  colourPicture,
  paint,
  sendJson,
  sendPicture,
  startImagesApi,
} from "../testing/images-api";
import { painterContract } from "../testing/painter.contract";
import { key, opened, pixelsOf, refuse, setUp } from "../testing/remote-world";

const file =
  (bytes: Uint8Array | Promise<Uint8Array>): Answer =>
  async (response) =>
    sendPicture(response, await bytes);

painterContract("an images API", async () => (await setUp()).painter, ["red", "lime", "blue"]);

describe("what is asked and what comes back", () => {
  it("asks for each prompt with model, size and key", async () => {
    const { api, generate } = await setUp();
    await generate(["red"]);
    expect(api.requests).toEqual([
      {
        method: "POST",
        path: "/v1/images/generations",
        authorization: `Bearer ${key}`,
        body: {
          model: "painter-1",
          prompt: "red",
          n: 1,
          size: "256x256",
          response_format: "b64_json",
        },
      },
    ]);
  });

  it("leaves out the format that GPT models refuse", async () => {
    const { api, generate } = await setUp([], { model: "gpt-image-1" });
    await generate(["red"]);
    expect(api.requests[0].body).not.toHaveProperty("response_format");
  });

  it("keeps the order of the prompts, whichever is answered first, few at a time", async () => {
    let release = () => {};
    const others = new Promise<void>((resolve) => {
      release = resolve;
    });
    const last: Answer = async (response, request) => {
      await others;
      await paint(response, request);
    };
    const { api, generate } = await setUp([last], { concurrency: 2 });
    const prompts = ["red", "lime", "blue", "black", "white"];
    const images = await generate(prompts, {
      progress: (fraction) => fraction === 0.8 && release(),
    });
    const colours = prompts.map((_, row) => pixelsOf(images, row).centre);
    expect(colours).toEqual([
      [255, 0, 0],
      [0, 255, 0],
      [0, 0, 255],
      [0, 0, 0],
      [255, 255, 255],
    ]);
    expect(api.mostAtOnce()).toBe(2);
  });

  it.each(["png", "jpeg", "webp"] as const)("reads %s", async (format) => {
    const { generate } = await setUp([file(colourPicture("red").toFormat(format).toBuffer())]);
    const [r, g, b] = pixelsOf(await generate(["any"]), 0).centre;
    expect(r).toBeGreaterThan(250);
    expect(Math.max(g, b)).toBeLessThan(5);
  });

  it("puts what is clear or not square on white", async () => {
    const clear = { width: 8, height: 8, channels: 4, background: "#ff000000" } as const;
    const { generate } = await setUp(
      [
        file(colourPicture("blue", [64, 32]).png().toBuffer()),
        file(sharp({ create: clear }).png().toBuffer()),
      ],
      { concurrency: 1 },
    );
    const images = await generate(["wide", "clear"]);
    expect(pixelsOf(images, 0)).toEqual({ corner: [255, 255, 255], centre: [0, 0, 255] });
    expect(pixelsOf(images, 1).centre).toEqual([255, 255, 255]);
  });

  it("fetches a picture from the same server, with the key", async () => {
    const { api, generate } = await setUp([
      (response) => sendJson(response, 200, { data: [{ url: "/pictures/1.png" }] }),
      async (response) => {
        response.end(await colourPicture("lime").png().toBuffer());
      },
    ]);
    expect(pixelsOf(await generate(["any"]), 0).centre).toEqual([0, 255, 0]);
    expect(api.requests[1]).toEqual({
      method: "GET",
      path: "/pictures/1.png",
      authorization: `Bearer ${key}`,
      body: undefined,
    });
  });
});

describe("what is refused, at once", () => {
  it("a picture on another server, which is not called", async () => {
    const other = await startImagesApi({ key });
    opened.push(other);
    const { generate } = await setUp([
      (response) => sendJson(response, 200, { data: [{ url: `${other.origin}/1.png?secret=1` }] }),
    ]);
    await expect(generate(["red"])).rejects.toMatchObject({
      code: "not-supported",
      message: expect.stringMatching(new RegExp(`left its picture at ${other.origin}: only`)),
    });
    expect(other.requests).toEqual([]);
  });

  it("a redirection, which is not followed", async () => {
    const other = await startImagesApi({ key });
    opened.push(other);
    const { api, generate } = await setUp([
      (response) => {
        response.writeHead(307, { location: `${other.baseUrl}/images/generations` }).end();
      },
    ]);
    await expect(generate(["red"])).rejects.toMatchObject({
      code: "not-supported",
      message: expect.stringContaining("answered 307"),
    });
    expect([api.requests.length, other.requests.length]).toEqual([1, 0]);
  });

  it.each([
    ["text", file(Buffer.from("no picture at all"))],
    ["an SVG", file(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'))],
    ["a file cut off", file(noise().then((bytes) => bytes.subarray(0, bytes.length / 2)))],
    ["more pixels than the limit", file(colourPicture("red", [4097, 4096]).png().toBuffer())],
    [
      "an answer without a picture",
      (response: ServerResponse) => sendJson(response, 200, { data: [] }),
    ],
    ["an answer that is no JSON", (response: ServerResponse) => response.end("<html>")],
  ] as const)("%s", async (_, answer) => {
    const { api, generate } = await setUp([answer as Answer]);
    await expect(generate(["red"])).rejects.toMatchObject({ code: "bad-data" });
    expect(api.requests).toHaveLength(1);
  });

  it("more bytes than allowed, without waiting for the rest", async () => {
    let gone = () => {};
    const left = new Promise<void>((resolve) => {
      gone = resolve;
    });
    const endless: Answer = (response) => {
      response.once("close", gone);
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(1000)));
      };
      response.on("drain", more);
      more();
    };
    const { api, generate } = await setUp([endless], { maxResponseBytes: 100_000 });
    await expect(generate(["red"])).rejects.toMatchObject({
      code: "too-large",
      message: expect.stringContaining("answered 200 with more than 100000 bytes"),
    });
    await left;
    expect(api.requests).toHaveLength(1);
  });

  it("a wrong key, which no message shows though the server echoes it", async () => {
    const apiKey = "sk-wrong-0123456789";
    const { api, generate } = await setUp([], { apiKey });
    const error: Error = await generate(["red"]).catch((error) => error);
    expect(error).toMatchObject({ code: "unauthorised" });
    expect(toldOf(error)).toEqual({
      message: "The remote teacher answered 401.", // to strangers, without address and words
      isWhole: false,
    });
    expect(error.message).toBe(
      `${api.baseUrl}/images/generations answered 401 Incorrect API key provided: Bearer [key].`,
    );
    expect(JSON.stringify({ ...error, stack: error.stack, cause: error.cause })).not.toContain(
      apiKey,
    );
    expect(api.requests).toHaveLength(1);
  });

  it("no part of the key is left where the server's words are cut", async () => {
    const { generate } = await setUp([refuse(400, key.repeat(50))]);
    const error: Error = await generate(["red"]).catch((error) => error);
    expect(error.message).toContain("answered 400 [key][key]");
    expect(error.message).not.toContain(key.slice(0, 5));
  });

  it.each([
    [400, "not-supported"],
    [404, "not-found"],
  ])("%i, with the server's words cut short", async (status, code) => {
    const { api, generate } = await setUp([refuse(status, `no such\nmodel ${"!".repeat(1000)}`)]);
    const error: Error = await generate(["red"]).catch((error) => error);
    expect(error).toMatchObject({ code });
    expect(error.message).toContain(`answered ${status} no such model !!!`);
    expect(error.message.length).toBeLessThan(400);
    expect(api.requests).toHaveLength(1);
  });

  it.each([
    ["baseUrl", { baseUrl: "hidden.example/v1" }],
    ["baseUrl", { baseUrl: "ftp://127.0.0.1/v1" }],
    ["baseUrl", { baseUrl: "http://user:sk-hidden@127.0.0.1/v1" }],
    ["apiKey", { apiKey: "sk-hidden\n" }],
    ["model", { model: "" }],
  ])("a configuration with a wrong %s, without its value", async (field, options) => {
    const error: Error = await setUp([], options).then(
      () => new Error("accepted"),
      (error) => error,
    );
    expect(error).toMatchObject({ code: "bad-config" });
    expect(error.message).toContain(field);
    expect(error.message).not.toContain("hidden");
  });
});

/** A PNG that does not compress. */
function noise(): Promise<Buffer> {
  const rng = createRng("noise");
  const data = Uint8Array.from({ length: 64 * 64 * 3 }, () => rng.integer(256));
  return sharp(data, { raw: { width: 64, height: 64, channels: 3 } })
    .png()
    .toBuffer();
}
