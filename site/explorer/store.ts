/** One value that many parts of the page look at. */

import { useEffect, useReducer, useRef } from "preact/hooks";

/** A value and those who are told when it changes. Values are never changed in place. */
export class Store<S> {
  #state: S;
  readonly #listeners = new Set<() => void>();

  constructor(state: S) {
    this.#state = state;
  }

  get state(): S {
    return this.#state;
  }

  set(change: Partial<S>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of [...this.#listeners]) listener();
  }

  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

/** What `select` picks; the component is drawn again when that changes. */
export function useStore<S, T>(store: Store<S>, select: (state: S) => T): T {
  const [, redraw] = useReducer((n: number) => n + 1, 0);
  const picked = useRef<T>(undefined as T);
  const how = useRef(select);
  how.current = select;
  picked.current = select(store.state);
  useEffect(() => {
    const changed = () => {
      if (!Object.is(how.current(store.state), picked.current)) redraw(0);
    };
    // Between the drawing and now, too.
    changed();
    return store.listen(changed);
  }, [store]);
  return picked.current;
}
