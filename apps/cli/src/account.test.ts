import { openTestDatabase } from "@tandem/storage/testing/test-database";
import { expect, test } from "vitest";
import { ownerLink } from "./account";

test("an owner who has lost everything gets a link from whoever has the server's folder, and the log says so", async () => {
  const stores = await openTestDatabase();
  const { accounts, audit } = stores;
  const asked = { publicUrl: "https://example.org/tandem/" };
  await expect(ownerLink(stores, asked, 5)).rejects.toThrow(/nobody is an owner.*start the server/);
  const additionalFields = { role: { type: "string" }, maySpend: { type: "boolean" } } as const;
  const adapter = accounts.adapter({ user: { additionalFields } });
  const made = async (name: string, role: string) => {
    const [email, now] = [`${name.toLowerCase()}@example.org`, new Date()];
    const data = { name, email, emailVerified: false, role, maySpend: false };
    const { id } = await adapter.create({
      model: "user",
      data: { ...data, createdAt: now, updatedAt: now },
    });
    return String(id);
  };
  await made("Eve", "viewer");
  const id = await made("Ada", "owner");
  const first = await ownerLink(stores, asked, 5);
  const { address, owner } = await ownerLink(stores, { ...asked, email: "ADA@example.org" }, 6);
  expect(owner).toBe("Ada, ada@example.org");
  expect(address).toMatch(/^https:\/\/example\.org\/tandem\/accounts\/password#[\w-]{32}$/);
  expect(address).not.toBe(first.address);
  const links = await accounts.links.list(7);
  expect(links).toMatchObject([{ resets: id, madeBy: null, role: "owner" }]);
  expect(JSON.stringify(links)).not.toContain(address.split("#")[1]);
  await expect(ownerLink(stores, { ...asked, email: "eve@example.org" }, 6)).rejects.toThrow(
    /no owner signs in as eve@example.org: use one of ada@example.org/,
  );
  const entry = { by: "machine", action: "owner-link.make", thing: id, outcome: "done" };
  expect(await audit.list({}, 9)).toMatchObject([
    { ...entry, at: 6 },
    { ...entry, at: 5 },
  ]);
  await stores.close();
});
