/** What is imported, as soon as it can be: without a connection it is tried again every 3 s. */
export async function patientImport<T>(load: () => Promise<T>, onWait = () => {}): Promise<T> {
  for (;;)
    try {
      return await load();
    } catch {
      onWait();
      await new Promise((resolve) => setTimeout(resolve, 3000));
    }
}
