/** A picked file with its place among the others; it can be sent to a worker, its bytes stay on disk. */
export type PickedFile = { readonly path: string; readonly file: File };

/** What an `<input type="file">` holds, with `webkitdirectory` or without. */
export const pickedOf = (list: Iterable<File>): readonly PickedFile[] =>
  Array.from(list, (file) => ({ path: file.webkitRelativePath || file.name, file }));

/** What was dropped on a page, folders with all that is in them. Call it in the event's own turn. */
export async function droppedOf(data: DataTransfer): Promise<readonly PickedFile[]> {
  // The list is empty after the event: take the entries before anything is awaited.
  const entries = Array.from(data.items).flatMap((item) => item.webkitGetAsEntry() ?? []);
  return (await Promise.all(entries.map(below))).flat();
}

async function below(entry: FileSystemEntry): Promise<readonly PickedFile[]> {
  if (isFile(entry)) {
    const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject));
    return [{ path: entry.fullPath.replace(/^\//, ""), file }];
  }
  if (!isDirectory(entry)) return [];
  const reader = entry.createReader();
  const found: PickedFile[] = [];
  for (;;) {
    // Browsers hand out 100 entries at a time.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0) return found;
    for (const inner of some) found.push(...(await below(inner)));
  }
}

const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile;
const isDirectory = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry =>
  entry.isDirectory;
