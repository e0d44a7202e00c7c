// Typed listeners. One that throws harms neither the others nor the client: its error is thrown
// again where nobody waits, as the browser's own events do it.

export type Listener<Payload> = (payload: Payload) => void;

export class Emitter<Payloads extends object> {
  readonly #listeners = new Map<keyof Payloads, Set<Listener<never>>>();

  /** Gives back what removes the listener. */
  on<Name extends keyof Payloads>(name: Name, listener: Listener<Payloads[Name]>): () => void {
    const all = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, all);
    // The same function may listen twice, and is then removed one by one.
    const own: Listener<never> = (payload) => listener(payload);
    all.add(own);
    return () => all.delete(own);
  }

  emit<Name extends keyof Payloads>(name: Name, payload: Payloads[Name]): void {
    for (const listener of [...(this.#listeners.get(name) ?? [])]) {
      try {
        (listener as Listener<Payloads[Name]>)(payload);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
