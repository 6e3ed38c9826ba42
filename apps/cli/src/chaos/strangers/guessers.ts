import { randomBytes } from "node:crypto";
import { type Kind, pick } from "./stranger";

export const guessers: Kind = {
  name: "guessers",
  does: "guess passwords of the owner and of nobody, links and tokens, from one address and from many",
  never: "one is signed in or has an account",
  async visit({ http, judge, around, otherAddress, rng, pause, signal }) {
    const headers = { "content-type": "application/json" };
    const guess = () => randomBytes(24).toString("base64url");
    for (let i = 0; i < 10 && !signal.aborted; i++) {
      const email = rng.uniform() < 0.5 ? around.owner : `nobody${rng.integer(1e6)}@example.org`;
      const [path, body] = pick(rng, [
        ["/api/sign-in", { email, password: guess() }],
        [
          "/api/sign-in",
          { email, password: pick(rng, ["password", "correct horse", "123456789"]) },
        ],
        ["/api/accounts/link", { token: guess() }],
        ["/api/accounts", { token: guess(), name: "Me", email, password: guess() }],
        ["/api/sign-in/passkey", { response: { id: guess() } }],
      ] as const);
      const call = { method: "POST", path, headers, body: JSON.stringify(body) };
      judge.refused(
        `POST ${path}`,
        await http(call, rng.uniform() < 0.5 ? otherAddress() : undefined),
      );
      judge.refused(
        "by a token",
        await http({ path: "/api/me/tokens", headers: { authorization: `Bearer tdm_${guess()}` } }),
      );
      await pause(50);
    }
  },
};
