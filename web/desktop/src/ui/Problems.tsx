import { TriangleAlert, X } from 'lucide-react';
import { useLanguage, useWords } from '../i18n/index.js';
import { Action } from './parts.js';
import { useDeskView, useSurroundings } from './surroundings.js';

/** What went wrong, until somebody dismisses it. */
export function Problems() {
  const words = useWords();
  const language = useLanguage();
  const { desk } = useSurroundings();
  const { problems } = useDeskView();
  return (
    <div className="problems" role="alert" aria-label={words('problems.label')}>
      {problems.map((it) => (
        <div key={it.id} className="problem">
          <TriangleAlert aria-hidden size={20} />
          <div>
            <p>{words(it.key)}</p>
            {it.detail && (
              <p className="small" {...(language !== 'en' && { lang: 'en' })}>
                {language === 'en' ? it.detail : words('problems.server', { words: it.detail })}
              </p>
            )}
          </div>
          <Action
            tone="quiet"
            isIconOnly
            icon={X}
            label={words('problems.dismiss')}
            onPress={() => desk.dismiss(it.id)}
          />
        </div>
      ))}
    </div>
  );
}
