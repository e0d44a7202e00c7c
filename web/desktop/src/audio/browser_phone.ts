// Where the agent's phone is the browser itself (`phone-mode = "browser"`): what the page shows of
// it, and may ask of it. Whoever makes one connects the audio (`channel.request.media`); the page
// needs to know no more than this. Agents with a SIP phone have none.

export interface Microphone {
  readonly id: string;
  readonly label: string;
}

export interface BrowserPhoneView {
  /** Here, in the browser; the server's mute is the conversation's own. */
  readonly isMuted: boolean;
  /** How loud the microphone is, 0 to 1. */
  readonly level: number;
  readonly microphones: readonly Microphone[];
  /** The `id` of the one in use; undefined: none. */
  readonly microphone: string | undefined;
  /** Why there is no microphone: forbidden by the browser, not there, or taken away. */
  readonly problem: 'denied' | 'none' | 'unplugged' | undefined;
}

export interface BrowserPhone {
  /** A new object with each change; with subscribe(), for useSyncExternalStore. */
  readonly getView: () => BrowserPhoneView;
  readonly subscribe: (listener: () => void) => () => void;
  setMuted(isMuted: boolean): void;
  choose(microphone: string): void;
}
