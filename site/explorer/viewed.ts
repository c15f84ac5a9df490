/** One part of the view, for components that look at no other. */

import type { View } from "./link.js";
import { type State, store } from "./state.js";
import { useStore } from "./store.js";

/** One part of how the document is looked at: a slider that moves changes another one. */
export const useViewed = <K extends keyof View>(key: K): View[K] =>
  useStore<State, View[K]>(store, ({ view }) => view[key]);
