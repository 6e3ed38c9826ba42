export type ServerMemory = { readonly residentBytes: number; readonly heapBytes: number };

/** By the server's own `/metrics`; `token`: where it wants one. */
export async function serverMemory(url: string, token?: string): Promise<ServerMemory> {
  const headers: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {};
  const text = await (await fetch(`${url}/metrics`, { headers })).text();
  const gauge = (name: string) => {
    const [, value] = new RegExp(`^${name} (\\S+)$`, "m").exec(text) ?? [];
    if (value === undefined) throw new Error(`${url}/metrics has no ${name}`);
    return Number(value);
  };
  return {
    residentBytes: gauge("process_resident_memory_bytes"),
    heapBytes: gauge("nodejs_heap_size_used_bytes"),
  };
}
