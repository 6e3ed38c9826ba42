import { type ClientState, initialState, type JoinOptions } from "@tandem/client/messages";
import { createStore } from "zustand/vanilla";
import { basePath } from "../base-path";
import { agreed } from "./consent";
import type { Participant } from "./participant";
import { patientImport } from "./patient-import";
import { isActive, outOfReach } from "./phases";
import { isForgotten, studies, studyOf } from "./study";
import { rememberIdentity } from "./tab-identity";
import { tabsWork } from "./tabs-work";

export type OwnPart = Omit<Participant, "dispose" | "erase"> & { erase(): void };
const parts = new Map<string, OwnPart>();

/**
 * What this tab does in an experiment. It goes on while other pages of the site are open in the tab, and
 * is remembered for when it comes back. What it needs is loaded when it is first asked for anything.
 */
export function ownPart({ id, name }: { readonly id: string; readonly name: string }): OwnPart {
  const known = parts.get(id);
  if (known) return known;
  const store = createStore<ClientState>(() => initialState);
  let loading: Promise<Participant> | undefined;
  const tell = (work: (participant: Participant) => void) => {
    loading ??= patientImport(
      () => import("./start-participant"),
      () => store.setState({ phase: "joining", connection: "offline", error: outOfReach }),
    ).then(({ startParticipant }) => startParticipant(store, id));
    void loading.then(work);
  };
  let options: JoinOptions | undefined;
  /** Which of the browser's clients this tab is, or has the browser forget. */
  let own: number | undefined;
  store.subscribe((state, before) => {
    const { identity } = state;
    if (identity !== undefined && identity !== own) {
      own = identity;
      rememberIdentity(id, identity);
    }
    if (isActive(state) !== isActive(before)) tabsWork.note({ id, name }, isActive(state));
    if (state.phase === before.phase && state.history === before.history) return;
    const study = options && studyOf(state, { ...options, title: name });
    if (study) studies.remember(id, study);
    else if (own !== undefined && isForgotten(state)) {
      studies.forget(id, own);
      if (studies.of(id).length === 0) agreed.forget(id);
    }
  });
  const begin = () => store.setState({ ...initialState, phase: "probing" }, true);
  const part: OwnPart = {
    store,
    join(wanted) {
      options = wanted;
      begin();
      tell((participant) => participant.join(wanted));
    },
    forget(client) {
      begin();
      own = client.identity;
      tell((participant) => participant.forget(client));
    },
    pause: () => tell((participant) => participant.pause()),
    resume: () => tell((participant) => participant.resume()),
    leave: (how) => tell((participant) => participant.leave(how)),
    erase() {
      begin();
      const url = window.location.origin + basePath;
      tell((participant) => participant.erase({ url, experiment: id }));
    },
  };
  if (typeof window !== "undefined") parts.set(id, part); // the server only draws
  return part;
}
