// The shortcuts, once: what is listened to, what the buttons announce, and what the help shows.
import type { Key } from '../i18n/index.js';

export type ShortcutId =
  | 'answer'
  | 'reject'
  | 'release'
  | 'hold'
  | 'mute'
  | 'keypad'
  | 'record'
  | 'handOver'
  | 'swap'
  | 'complete'
  | 'state'
  | 'dial'
  | 'floor'
  | 'help';

export interface Shortcut {
  readonly id: ShortcutId;
  /** With Alt, by the key's letter; without it for `?`, which is not listened to in fields. */
  readonly letter: string;
  readonly label: Key;
  /** Only for who may look at the floor. */
  readonly isSupervisors?: true;
}

/**
 * Alt and a letter: none of them writes anything into a field, and none is a browser's own (Alt+D,
 * Alt+E, Alt+F are).
 */
export const shortcuts: readonly Shortcut[] = [
  { id: 'answer', letter: 'A', label: 'shortcut.answer' },
  { id: 'reject', letter: 'J', label: 'shortcut.reject' },
  { id: 'release', letter: 'Q', label: 'shortcut.release' },
  { id: 'hold', letter: 'H', label: 'shortcut.hold' },
  { id: 'mute', letter: 'M', label: 'shortcut.mute' },
  { id: 'keypad', letter: 'K', label: 'shortcut.keypad' },
  { id: 'record', letter: 'R', label: 'shortcut.record' },
  { id: 'handOver', letter: 'T', label: 'shortcut.handOver' },
  { id: 'swap', letter: 'W', label: 'shortcut.swap' },
  { id: 'complete', letter: 'C', label: 'shortcut.complete' },
  { id: 'state', letter: 'S', label: 'shortcut.state' },
  { id: 'dial', letter: 'N', label: 'shortcut.dial' },
  { id: 'floor', letter: 'L', label: 'shortcut.floor', isSupervisors: true },
  { id: 'help', letter: '?', label: 'shortcut.help' },
];

/** As a person reads it. */
export function keysOf(id: ShortcutId): string {
  const { letter } = shortcuts.find((it) => it.id === id) as Shortcut;
  return letter === '?' ? '?' : `Alt+${letter}`;
}

export interface Keystroke {
  readonly key: string;
  /** The key's place; its letter does not change with Alt, as `key` does on some systems. */
  readonly code: string;
  readonly altKey: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly shiftKey: boolean;
  readonly repeat: boolean;
  readonly isInField: boolean;
}

export function shortcutOf(stroke: Keystroke): ShortcutId | undefined {
  if (stroke.ctrlKey || stroke.metaKey || stroke.repeat) return undefined;
  if (stroke.key === '?' && !stroke.altKey) return stroke.isInField ? undefined : 'help';
  if (!stroke.altKey || stroke.shiftKey) return undefined;
  // Where a layout has the letter, if it says so; else where a US keyboard has it.
  const letter = /^[a-z]$/i.test(stroke.key) ? stroke.key.toUpperCase() : stroke.code.slice(-1);
  if (!/^[a-z]$/i.test(stroke.key) && !stroke.code.startsWith('Key')) return undefined;
  return shortcuts.find((it) => it.letter === letter)?.id;
}
