/** Has the browser save it under this name, with its own characters alone. */
export function saveFile(name: string, content: Uint8Array | string, type: string): void {
  const url = URL.createObjectURL(new Blob([content as BlobPart], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name.replace(/[^\p{L}\p{N}._-]+/gu, "-").slice(0, 100);
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000); // Firefox reads it after the click
}
