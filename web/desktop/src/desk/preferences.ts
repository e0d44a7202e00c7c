// What a person likes, in this browser: nothing secret, in localStorage.
import { type Language, languages } from '../i18n/index.js';

export interface Preferences {
  readonly theme: 'auto' | 'light' | 'dark';
  readonly language: Language;
  readonly hasSound: boolean;
  readonly hasShortcuts: boolean;
  /** Ids that the browser gives devices, for this page alone; undefined: the system's defaults. */
  readonly microphone?: string;
  readonly speaker?: string;
}

const key = 'cordboard.preferences';

export function readPreferences(storage: Storage, spoken: readonly string[]): Preferences {
  const first = spoken.map((it) => it.slice(0, 2)).find((it) => languages.includes(it as Language));
  const defaults: Preferences = {
    theme: 'auto',
    language: (first as Language | undefined) ?? 'en',
    hasSound: true,
    hasShortcuts: true,
  };
  try {
    const kept: unknown = JSON.parse(storage.getItem(key) ?? '{}');
    return typeof kept === 'object' && kept !== null ? merged(defaults, { ...kept }) : defaults;
  } catch {
    return defaults;
  }
}

function merged(defaults: Preferences, kept: Record<string, unknown>): Preferences {
  const { theme, language, hasSound, hasShortcuts, microphone, speaker } = kept;
  return {
    theme: theme === 'light' || theme === 'dark' ? theme : defaults.theme,
    language: languages.find((it) => it === language) ?? defaults.language,
    hasSound: typeof hasSound === 'boolean' ? hasSound : defaults.hasSound,
    hasShortcuts: typeof hasShortcuts === 'boolean' ? hasShortcuts : defaults.hasShortcuts,
    ...(typeof microphone === 'string' && { microphone }),
    ...(typeof speaker === 'string' && { speaker }),
  };
}

export function writePreferences(storage: Storage, preferences: Preferences): void {
  try {
    storage.setItem(key, JSON.stringify(preferences));
  } catch {
    // They last as long as the page then.
  }
}
