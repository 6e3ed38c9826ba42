/** What stands before every path of this server, as the pages were built; empty without a public path. */
export const basePath = process.env.NEXT_PUBLIC_BASE_PATH ?? "";

/** A picture's address: of this server's paths, or one that the page has made. */
export const pictureAt = (address: string): string =>
  address.startsWith("/") ? basePath + address : address;
