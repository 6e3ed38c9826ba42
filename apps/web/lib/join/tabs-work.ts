import { createStore } from "zustand/vanilla";

type Experiment = { readonly id: string; readonly name: string };

/** Experiments that this tab computes for at this moment, wherever in the site it is. */
const store = createStore<readonly Experiment[]>(() => []);

/** A page that computes is not closed without a question; the browser asks it. */
const ask = (event: BeforeUnloadEvent) => event.preventDefault();

export const tabsWork = {
  store,
  note(experiment: Experiment, isActive: boolean): void {
    const others = store.getState().filter(({ id }) => id !== experiment.id);
    store.setState(isActive ? [...others, experiment] : others, true);
    if (store.getState().length > 0) window.addEventListener("beforeunload", ask);
    else window.removeEventListener("beforeunload", ask);
  },
};
