import type { About } from "@tandem/client/own-model/messages";
import type { TaskView } from "@tandem/protocol/view";
import { RequestError, request } from "../request";

/** What the study says of itself; of one that is gone, what is known all the same. */
export async function aboutOf(
  { name, dataset }: { readonly name: string; readonly dataset: string },
  signal: AbortSignal,
): Promise<About> {
  try {
    const view = await request<TaskView>(`/api/tasks/${dataset}`, { signal });
    if (view.data === "dealt")
      return { name, description: view.description, publicLicence: `see the data set ${dataset}` };
    const { description, publicLicence, pictures } = view.task;
    return { name: view.name, description, publicLicence, pictures };
  } catch (error) {
    if (error instanceof RequestError && error.code === "not-found")
      return { name, description: "", publicLicence: "" };
    throw error;
  }
}
