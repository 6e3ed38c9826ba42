import { type ErrorCode, messageOf, TandemError } from "@tandem/core/errors";
import type { ExperimentConfig, ExperimentLabels, Verdict } from "@tandem/core/experiment";
import type { JsonObject } from "@tandem/core/json";
import type { CsvLayout, ExportFormat } from "@tandem/protocol/experiment-export";
import type { GalleryView } from "@tandem/protocol/live-view";
import type { TaskInput } from "@tandem/protocol/task";
import type {
  ApiError,
  ApplicantView,
  ExperimentView,
  InvitationView,
  JoiningView,
  NewInvitationView,
  TaskUploadView,
  TaskView,
} from "@tandem/protocol/view";

/** The part of the REST interface that commands and specs use. */
export type Api = ReturnType<typeof createApi>;
export type NewExperiment = Pick<ExperimentConfig, "name"> & Partial<ExperimentConfig>;

/** `token`: of an account, where the server wants one. */
export function createApi(url: string, token?: string) {
  const ask = async (method: string, path: string, init: RequestInit = {}) => {
    const headers = new Headers(init.headers);
    if (token !== undefined) headers.set("authorization", `Bearer ${token}`);
    const asked = fetch(url.replace(/\/$/, "") + path, { method, ...init, headers });
    const response = await asked.catch((cause) => {
      const why = messageOf(cause.cause ?? cause);
      throw new TandemError(
        "unavailable",
        `${url} does not answer (${why}): start a server with npm start, or name another one`,
        { cause },
      );
    });
    if (response.ok) return response;
    throw refusal(`${method} ${path}`, response.status, await response.text());
  };
  const answered = async <T>(reply: Promise<Response>): Promise<T> => {
    const text = await (await reply).text();
    return (text === "" ? undefined : JSON.parse(text)) as T;
  };
  const call = <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const headers = { "content-type": "application/json" };
    const init = body === undefined ? {} : { headers, body: JSON.stringify(body) };
    return answered(ask(method, path, init));
  };
  const task = (id: string) => `/api/tasks/${encodeURIComponent(id)}`;
  const experiment = (id: string) => `/api/experiments/${encodeURIComponent(id)}`;
  return {
    create: (config: NewExperiment) =>
      call<{ readonly id: string }>("POST", "/api/experiments", config),
    start: (id: string) => call<void>("POST", `${experiment(id)}/start`, {}),
    remove: (id: string) => call<void>("DELETE", experiment(id)),
    list: () => call<readonly ExperimentView[]>("GET", "/api/experiments"),
    sweep: (body: object) => call<readonly ExperimentView[]>("POST", "/api/sweeps", body),
    clone: (id: string, wish: { readonly name?: string; readonly changes: JsonObject }) =>
      call<ExperimentView>("POST", `${experiment(id)}/clone`, wish),
    label: (id: string, change: Partial<ExperimentLabels>) =>
      call<ExperimentView>("PATCH", `${experiment(id)}/labels`, change),
    addRounds: (id: string, add: number) =>
      call<ExperimentView>("POST", `${experiment(id)}/rounds`, { add }),
    view: (id: string) => call<ExperimentView>("GET", experiment(id)),
    joining: (id: string) => call<JoiningView>("GET", `${experiment(id)}/joining`),
    gallery: (id: string, round: number) =>
      call<GalleryView>("GET", `${experiment(id)}/rounds/${round}/gallery`),
    /** Its body is made while it is sent. */
    exported: (id: string, format: ExportFormat, layout?: CsvLayout) => {
      const query = new URLSearchParams({ format, ...(layout && { layout }) });
      return ask("GET", `${experiment(id)}/export?${query}`);
    },
    importExperiment: (archive: ReadableStream<Uint8Array>) =>
      answered<ExperimentView>(
        // Without it, a body that comes bit by bit is refused.
        ask("POST", "/api/experiments/import", { body: archive, duplex: "half" } as RequestInit),
      ),
    invite: (id: string, wanted: { readonly uses: number; readonly days: number }) =>
      call<NewInvitationView>("POST", `${experiment(id)}/invitations`, wanted),
    invitations: (id: string) =>
      call<readonly InvitationView[]>("GET", `${experiment(id)}/invitations`),
    revoke: (id: string, invitation: string) =>
      call<void>("DELETE", `${experiment(id)}/invitations/${encodeURIComponent(invitation)}`),
    applicants: (id: string) =>
      call<readonly ApplicantView[]>("GET", `${experiment(id)}/applicants`),
    decide: (id: string, applicant: string, verdict: Verdict) =>
      call<void>("POST", `${experiment(id)}/applicants/${applicant}`, { verdict }),
    tasks: () => call<readonly TaskView[]>("GET", "/api/tasks"),
    createTask: (task: TaskInput) => call<TaskView>("POST", "/api/tasks", task),
    removeTask: (id: string) => call<void>("DELETE", task(id)),
    importTask: (zip: Uint8Array<ArrayBuffer>) =>
      answered<TaskUploadView>(ask("POST", "/api/tasks/import", { body: zip })),
    async exportTask(id: string): Promise<Uint8Array> {
      const response = await ask("GET", `${task(id)}/export.zip`);
      return new Uint8Array(await response.arrayBuffer());
    },
  };
}

function refusal(what: string, status: number, text: string): Error {
  try {
    const { code, message } = (JSON.parse(text) as ApiError).error;
    return new TandemError(code as ErrorCode, `${what}: ${code}, ${message}`);
  } catch {
    return new Error(`${what}: status ${status}, ${text.slice(0, 200)}`);
  }
}

/** Polls until `until` holds; a failed experiment or the time limit throws with the last view. */
export async function follow(
  api: Pick<Api, "view">,
  id: string,
  until: (view: ExperimentView) => boolean,
  options: {
    readonly timeoutMs: number;
    readonly everyMs?: number;
    readonly onView?: (view: ExperimentView) => void;
  },
): Promise<ExperimentView> {
  const { everyMs = 300 } = options;
  const deadline = Date.now() + options.timeoutMs;
  for (;;) {
    const view = await api.view(id);
    options.onView?.(view);
    if (until(view)) return view;
    if (view.status === "failed") throw new Error(`experiment failed: ${view.error}`);
    if (view.status === "finished")
      throw new Error("the experiment has finished without what was waited for");
    if (Date.now() > deadline)
      throw new Error(`still ${summary(view)} after ${options.timeoutMs / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

const summary = ({ status, round, phase, clients }: ExperimentView) =>
  `${status}, round ${round}, ${phase}; clients ${clients
    .map((c) => `${c.slot}:${c.status}${c.stage ? `/${c.stage}` : ""}`)
    .join(" ")}`;
