/** Where the server is that this worker came from, the path that it is below included: Next's files lie there. */
export function serverAddress(): string {
  const { origin, pathname } = self.location;
  return origin + (/^(.*)\/_next\//.exec(pathname)?.[1] ?? "");
}
