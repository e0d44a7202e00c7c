// The words of the desktop: a catalogue for each language, all with the same keys.
import { createContext, useContext } from 'react';
import { de } from './de.js';
import { en } from './en.js';

export type Key = keyof typeof en;
export type Catalogue = Readonly<Record<Key, string>>;

export const languages = ['en', 'de'] as const;
export type Language = (typeof languages)[number];
export const catalogues: Readonly<Record<Language, Catalogue>> = { en, de };

/** A text, with `{name}` replaced by values. */
export type Words = (key: Key, values?: Readonly<Record<string, string | number>>) => string;

export function wordsOf(language: Language): Words {
  const catalogue = catalogues[language];
  return (key, values = {}) =>
    catalogue[key].replace(/\{(\w+)\}/g, (whole, name: string) =>
      Object.hasOwn(values, name) ? String(values[name]) : whole,
    );
}

export const LanguageContext = createContext<Language>('en');

export function useLanguage(): Language {
  return useContext(LanguageContext);
}

export function useWords(): Words {
  return wordsOf(useLanguage());
}
