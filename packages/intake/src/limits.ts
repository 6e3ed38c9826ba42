/** Bounds of what is read; all of them are said aloud when they are met. */
export const limits = {
  files: 100_000,
  /** Of one picture, and of one text beside a picture. */
  pictureBytes: 64 * 2 ** 20,
  textBytes: 2 ** 20,
  tableBytes: 2 ** 30,
  leastSide: 8,
  pixels: 100e6,
  rows: 100_000,
  columns: 100,
  /** Characters of one cell or caption. */
  text: 10_000,
  path: 1024,
  /** Of a zip's table of contents. */
  directoryBytes: 64 * 2 ** 20,
} as const;
