import { useEffect, useRef } from 'react';
import { keysOf, type ShortcutId, shortcutOf, shortcuts } from '../desk/shortcuts.js';
import { useWords } from '../i18n/index.js';
import { Action, DialogBox } from './parts.js';
import { useSurroundings } from './surroundings.js';

/** Calls `act` for each shortcut that is pressed, unless the agent has switched them off. */
export function useShortcuts(act: (id: ShortcutId) => void): void {
  const { preferences } = useSurroundings();
  const latest = useRef(act);
  useEffect(() => {
    latest.current = act;
  });
  const { hasShortcuts } = preferences;
  useEffect(() => {
    if (!hasShortcuts) return;
    const onKey = (event: KeyboardEvent) => {
      const { key, code, altKey, ctrlKey, metaKey, shiftKey, repeat, target } = event;
      const isInField = target instanceof HTMLElement && target.matches('input, textarea');
      const keys = { key, code, altKey, ctrlKey, metaKey, shiftKey, repeat, isInField };
      const id = shortcutOf(keys);
      if (!id) return;
      event.preventDefault();
      latest.current(id);
    };
    document.addEventListener('keydown', onKey, true);
    return () => document.removeEventListener('keydown', onKey, true);
  }, [hasShortcuts]);
}

export function ShortcutsHelp(props: {
  readonly isOpen: boolean;
  readonly isSupervisor: boolean;
  readonly onClose: () => void;
}) {
  const { isOpen, isSupervisor, onClose } = props;
  const words = useWords();
  const mine = shortcuts.filter((it) => !it.isSupervisors || isSupervisor);
  return (
    <DialogBox title={words('shortcuts.title')} isOpen={isOpen} onClose={onClose}>
      <p className="muted">{words('shortcuts.text')}</p>
      <dl className="shortcuts">
        {mine.map(({ id, label }) => (
          <div key={id}>
            <dt>{words(label)}</dt>
            <dd>
              <kbd>{keysOf(id)}</kbd>
            </dd>
          </div>
        ))}
      </dl>
      <div className="buttons">
        <Action tone="primary" label={words('settings.close')} onPress={onClose} />
      </div>
    </DialogBox>
  );
}
