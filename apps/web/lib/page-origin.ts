import { headers } from "next/headers";

/** The address that this visitor sees the server under. */
export async function pageOrigin(): Promise<string> {
  const given = await headers();
  const protocol = given.get("x-forwarded-proto") ?? "http";
  return `${protocol}://${given.get("host") ?? "localhost"}`;
}
