import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Role } from "../accounts-schema";
import type { AccountStore } from "../sql-accounts";

/** What accounts do on every database; `open` gives an empty one. */
export function accountStoreContract(
  name: string,
  open: () => Promise<{ readonly accounts: AccountStore; close(): Promise<void> }>,
): void {
  describe(`${name} as a store of accounts`, () => {
    let opened: Awaited<ReturnType<typeof open>>;
    let accounts: AccountStore;
    beforeAll(async () => {
      opened = await open();
      accounts = opened.accounts;
    });
    afterAll(() => opened.close());

    /** By way of better-auth's adapter, as the server does it. */
    async function made(email: string, role: Role): Promise<string> {
      const additionalFields = {
        role: { type: "string" },
        maySpend: { type: "boolean" },
      } as const;
      const now = new Date();
      const { id } = await accounts.adapter({ user: { additionalFields } }).create({
        model: "user",
        data: {
          ...{ name: email, email, emailVerified: false, role, maySpend: false },
          ...{ createdAt: now, updatedAt: now },
        },
      });
      return String(id);
    }

    let owner: string;
    beforeEach(async () => {
      for (const { id, role } of await accounts.list())
        if (role !== "owner") await accounts.remove(id);
      owner ??= await made("owner@example.org", "owner");
    });

    it("keeps the last owner, and lets go of another", async () => {
      const lonely = { code: "conflict", message: expect.stringMatching(/only owner/) };
      await expect(accounts.change(owner, { role: "viewer" })).rejects.toMatchObject(lonely);
      await expect(accounts.remove(owner)).rejects.toMatchObject(lonely);
      const second = await made("second@example.org", "owner");
      const both = await Promise.allSettled([
        accounts.change(owner, { role: "viewer" }),
        accounts.change(second, { role: "viewer" }),
      ]);
      expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
      expect(await accounts.hasOwner()).toBe(true);
      owner = (await accounts.list()).find(({ role }) => role === "owner")?.id ?? "";
      await expect(accounts.remove("nobody")).rejects.toMatchObject({ code: "not-found" });
    });

    it("gives a link to one of those who take it, and to nobody once it has expired", async () => {
      const terms = { role: "viewer", maySpend: false, resets: null } as const;
      const link = { ...terms, madeBy: owner, createdAt: 1 };
      await accounts.links.add({ ...link, id: "open", expiresAt: 10 });
      await accounts.links.add({ ...link, id: "over", expiresAt: 5 });
      expect((await accounts.links.list(7)).map(({ id }) => id)).toEqual(["open"]);
      expect(await accounts.links.find("over", 7)).toBeUndefined();
      const taken = await Promise.all([accounts.links.take("open"), accounts.links.take("open")]);
      expect(taken.sort()).toEqual([false, true]);
    });

    it("forgets links for a first owner and none that set a password, until there is another", async () => {
      const id = await made("viewer@example.org", "viewer");
      const link = { role: "viewer", maySpend: false, createdAt: 1, expiresAt: 10 } as const;
      await accounts.links.add({ ...link, id: "first", madeBy: null, resets: null });
      await accounts.links.add({ ...link, id: "reset", madeBy: null, resets: id });
      await accounts.links.sweep(7);
      expect((await accounts.links.list(7)).map((one) => one.id)).toEqual(["reset"]);
      await accounts.links.dropResets(id);
      expect(await accounts.links.find("reset", 7)).toBeUndefined();
      await accounts.links.add({ ...link, id: "again", madeBy: null, resets: id });
      await accounts.remove(id);
      expect(await accounts.links.find("again", 7)).toBeUndefined();
    });

    it("knows whose a token is until it is revoked, by its owner alone, or the account is gone", async () => {
      const id = await made("researcher@example.org", "researcher");
      const token = { userId: id, name: "CLI", createdAt: 1, usedAt: null };
      for (const one of ["a", "b"])
        await accounts.tokens.add({ ...token, id: one, hash: `#${one}` });
      expect(await accounts.tokens.use("#a", 9)).toMatchObject({
        account: { id, role: "researcher" },
        token: "CLI",
      });
      expect((await accounts.tokens.of(id)).map(({ usedAt }) => usedAt)).toEqual([9, null]);
      expect(await accounts.tokens.remove(owner, "a")).toBe(false);
      expect(await accounts.tokens.remove(id, "a")).toBe(true);
      expect(await accounts.tokens.use("#a", 9)).toBeUndefined();
      await accounts.remove(id);
      expect(await accounts.tokens.use("#b", 9)).toBeUndefined();
    });

    it("spends no more in a day than it may, also at once, and begins anew on the next", async () => {
      const { spending } = accounts;
      const takes = await Promise.all([1, 2, 3, 4].map(() => spending.take("d1", "remote", 3, 10)));
      expect(takes.filter(Boolean)).toHaveLength(3);
      expect((await spending.of("d1")).get("remote")).toBe(9);
      expect(await spending.take("d2", "remote", 11, 10)).toBe(false);
      expect(await spending.take("d2", "remote", 10, 10)).toBe(true);
      for (const most of [5, 6]) await spending.limit("remote", most);
      expect(await spending.limits()).toEqual(new Map([["remote", 6]]));
    });
  });
}
