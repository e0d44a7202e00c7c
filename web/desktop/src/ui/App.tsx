import { useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import { I18nProvider } from 'react-aria-components';
import type { PhoneKeeper } from '../audio/phone_keeper.js';
import { type Preferences, readPreferences, writePreferences } from '../desk/preferences.js';
import { LanguageContext, useWords } from '../i18n/index.js';
import { Desktop } from './Desktop.js';
import { LogIn } from './LogIn.js';
import { Mark } from './Mark.js';
import { type Surroundings, SurroundingsContext, useDeskView } from './surroundings.js';

interface Given extends Omit<Surroundings, 'preferences' | 'prefer' | 'phone'> {
  readonly phones: PhoneKeeper;
}

const locales = { en: 'en-US', de: 'de-DE' } as const;

export function App({ desk, site, ring, phones }: Given) {
  const phone = useSyncExternalStore(phones.subscribe, phones.getPhone);
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
    return { desk, site, ring, phone, preferences, prefer };
  }, [desk, site, ring, phone, preferences]);

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
