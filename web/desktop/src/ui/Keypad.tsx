import { focusOf, type Interaction } from '@cordboard/client';
import { useState } from 'react';
import { Button } from 'react-aria-components';
import { abilitiesOf } from '../desk/abilities.js';
import { useWords } from '../i18n/index.js';
import { useDeskView, useSurroundings } from './surroundings.js';

const keys = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '0', '#'] as const;
const shownMax = 24;

/** Tones to the far end, key by key; each is shown when it has been sent. */
export function Keypad({ interaction }: { interaction: Interaction }) {
  const words = useWords();
  const { desk } = useSurroundings();
  const { model } = useDeskView();
  const [sent, setSent] = useState('');
  const [waiting, setWaiting] = useState<Promise<unknown>>(Promise.resolve());
  const target = focusOf(interaction)?.target ?? '';
  const can = abilitiesOf(interaction, model?.session.capabilities ?? []).keypad;
  const press = (digits: string) => {
    // One after the other, in the order they were pressed.
    const done = waiting.then(async () => {
      const isDone = await desk.ask('conversation.senddtmf', target, { digits });
      if (isDone) setSent((before) => (before + digits).slice(-shownMax));
    });
    setWaiting(done);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only listens for the keys of its buttons
    <div
      className="keypad"
      onKeyDown={(event) => {
        if (can && !event.altKey && keys.some((it) => it === event.key)) press(event.key);
      }}
    >
      <h3>{words('keypad.title')}</h3>
      <p className="keypad-sent" role="status">
        {sent && words('keypad.sent', { digits: sent })}
      </p>
      <div className="keypad-keys">
        {keys.map((it, index) => (
          <Button
            key={it}
            className="key"
            autoFocus={index === 0}
            aria-label={words('keypad.key', { key: it })}
            isDisabled={!can}
            onPress={() => press(it)}
          >
            {it}
          </Button>
        ))}
      </div>
    </div>
  );
}
