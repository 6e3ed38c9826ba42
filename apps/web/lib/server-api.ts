import { notFound } from "next/navigation";
import { RequestError, request } from "./request";

/** Pages are drawn from the same REST interface as everything else; main.ts names its address. */
export function load<T>(path: string): Promise<T> {
  const origin = process.env.TANDEM_ORIGIN;
  if (!origin) throw new Error("TANDEM_ORIGIN is not set; start the server with server/main.ts");
  return request<T>(new URL(path, origin));
}

export async function loadOr404<T>(path: string): Promise<T> {
  try {
    return await load<T>(path);
  } catch (error) {
    if (error instanceof RequestError && error.code === "not-found") notFound();
    throw error;
  }
}
