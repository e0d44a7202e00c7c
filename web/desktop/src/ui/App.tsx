import { useEffect, useMemo, useState } from 'react';
import { I18nProvider } from 'react-aria-components';
import { type Preferences, readPreferences, writePreferences } from '../desk/preferences.js';
import { LanguageContext, useWords } from '../i18n/index.js';
import { Desktop } from './Desktop.js';
import { LogIn } from './LogIn.js';
import { Mark } from './Mark.js';
import { type Surroundings, SurroundingsContext, useDeskView } from './surroundings.js';

type Given = Omit<Surroundings, 'preferences' | 'prefer'>;

const locales = { en: 'en-US', de: 'de-DE' } as const;

export function App(given: Given) {
  const [preferences, setPreferences] = useState(() =>
    readPreferences(localStorage, navigator.languages),
  );
  const { theme, language } = preferences;

  useEffect(() => {
    const { dataset } = document.documentElement;
    if (theme === 'auto') delete dataset['theme'];
    else dataset['theme'] = theme;
    document.documentElement.lang = language;
  }, [theme, language]);

  const surroundings = useMemo<Surroundings>(() => {
    const prefer = (part: Partial<Preferences>) => {
      const next = { ...preferences, ...part };
      writePreferences(localStorage, next);
      setPreferences(next);
    };
    return { ...given, preferences, prefer };
  }, [given, preferences]);

  return (
    <I18nProvider locale={locales[language]}>
      <LanguageContext value={language}>
        <SurroundingsContext value={surroundings}>
          <Page />
        </SurroundingsContext>
      </LanguageContext>
    </I18nProvider>
  );
}

function Page() {
  const words = useWords();
  const { model, status } = useDeskView();
  if (model && (status === 'open' || status === 'lost')) return <Desktop model={model} />;
  if (status === 'lost' || status === 'starting') {
    return (
      <main className="returning">
        <Mark />
        <p role="status">{words(status === 'lost' ? 'app.returning' : 'logIn.starting')}</p>
      </main>
    );
  }
  return <LogIn />;
}
