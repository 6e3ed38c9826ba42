import { describe, expect, it } from "vitest";
import { type Answer, colourPicture } from "../testing/images-api";
import { pixelsOf, refuse, setUp } from "../testing/remote-world";

const silent: Answer = () => {};
describe("what may pass is tried again", () => {
  it.each([429, 408, 409, 500, 503])("%i, with growing pauses", async (status) => {
    const { api, generate, pauses } = await setUp([
      refuse(status, "later"),
      refuse(status, "later"),
    ]);
    expect(pixelsOf(await generate(["blue"]), 0).centre).toEqual([0, 0, 255]);
    expect(api.requests.map(({ body }) => body?.prompt)).toEqual(["blue", "blue", "blue"]);
    // 500 ms, then twice that, less up to a half.
    const [first, second] = pauses();
    expect(first).toBeGreaterThan(250);
    expect(first).toBeLessThanOrEqual(500);
    expect(second).toBeGreaterThan(500);
    expect(second).toBeLessThanOrEqual(1000);
  });

  it.each([
    ["7", 7000],
    [new Date(1_000_000_000_000 + 9000).toUTCString(), 9000],
    ["86400", 60_000],
  ])("after the pause that the server asks for, within bounds: %s", async (header, pauseMs) => {
    const { generate, pauses } = await setUp([refuse(429, "later", { "retry-after": header })]);
    await generate(["blue"]);
    expect(pauses()).toEqual([pauseMs]);
  });

  it("a connection that breaks", async () => {
    const { api, generate } = await setUp([
      (response) => void response.destroy(),
      (response) => {
        response.writeHead(200, { "content-length": 1000 }).write("{");
        response.socket?.end();
      },
    ]);
    expect((await generate(["blue"])).shape[0]).toBe(1);
    expect(api.requests).toHaveLength(3);
  });

  it("until the attempts are spent; the error names the last status", async () => {
    const busy = refuse(503, "overloaded");
    const { api, generate } = await setUp([refuse(500, "first"), busy, busy]);
    await expect(generate(["blue"])).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringMatching(/answered 503 overloaded \(3 attempts\)$/),
    });
    expect(api.requests).toHaveLength(3);
    const limited = await setUp([refuse(429, "quota")], { retries: 0 });
    await expect(limited.generate(["blue"])).rejects.toMatchObject({ code: "too-many" });
  });

  it("a server that nobody listens for is named", async () => {
    const { api, generate } = await setUp();
    await api.close();
    await expect(generate(["red"])).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringMatching(/cannot be reached: .*ECONNREFUSED.* \(3 attempts\)$/),
    });
  });

  it("a server that says nothing, or stops in the middle, times out", async () => {
    const stuck: Answer = (response) => void response.writeHead(200).write('{"data":');
    for (const answer of [silent, stuck]) {
      const options = { timeoutMs: 200_000, retries: 1 }; // 20 ms of real time
      const { generate } = await setUp([answer, answer], options);
      await expect(generate(["red"])).rejects.toMatchObject({
        code: "timeout",
        message: expect.stringContaining("took longer than 200000 ms (2 attempts)"),
      });
    }
  });

  it("a slow body is waited for", async () => {
    const slow: Answer = async (response) => {
      const text = JSON.stringify({
        data: [{ b64_json: (await colourPicture("blue").png().toBuffer()).toString("base64") }],
      });
      for (let i = 0; i < text.length; i += 20) {
        response.write(text.slice(i, i + 20));
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
      response.end();
    };
    const { api, generate } = await setUp([slow]);
    expect(pixelsOf(await generate(["any"]), 0).centre).toEqual([0, 0, 255]);
    expect(api.requests).toHaveLength(1);
  });
});

describe("stopping", () => {
  /** Resolves when the server has seen the connection go. */
  function watched() {
    let [seen, gone] = [() => {}, () => {}];
    const arrived = new Promise<void>((resolve) => {
      seen = resolve;
    });
    const left = new Promise<void>((resolve) => {
      gone = resolve;
    });
    const answer: Answer = (response) => {
      response.once("close", gone);
      seen();
    };
    return { answer, arrived, left };
  }

  it("a request in flight is broken off", async () => {
    const { answer, arrived, left } = watched();
    const { generate } = await setUp([answer]);
    const abort = new AbortController();
    const painting = generate(["red"], { signal: abort.signal });
    await arrived;
    abort.abort();
    await expect(painting).rejects.toMatchObject({ code: "cancelled" });
    await left;
  });

  it("so is a pause", async () => {
    const abort = new AbortController();
    const { api, generate, pauses } = await setUp([refuse(429, "later", { "retry-after": "60" })], {
      speed: 1,
    });
    const painting = generate(["red"], { signal: abort.signal });
    while (pauses().length === 0) await new Promise((resolve) => setImmediate(resolve));
    abort.abort();
    await expect(painting).rejects.toMatchObject({ code: "cancelled" });
    expect(api.requests).toHaveLength(1);
  });

  it("closing breaks off what is in flight", async () => {
    const { answer, arrived, left } = watched();
    const { painter, generate } = await setUp([answer]);
    const painting = generate(["red"]);
    const refused = expect(painting).rejects.toMatchObject({ code: "cancelled" });
    await arrived;
    await painter.close();
    await refused;
    await left;
  });

  it("one failure breaks off the other requests and asks for no more", async () => {
    const { answer, arrived, left } = watched();
    const failing: Answer = async (response, request) => {
      await arrived;
      await refuse(400, "refused")(response, request);
    };
    const { api, generate } = await setUp([answer, failing], { concurrency: 2 });
    await expect(generate(["red", "lime", "blue"])).rejects.toMatchObject({
      code: "not-supported",
    });
    await left;
    expect(api.requests).toHaveLength(2);
  });
});
