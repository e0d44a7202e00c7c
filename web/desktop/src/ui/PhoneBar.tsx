import { Mic, MicOff, TriangleAlert } from 'lucide-react';
import { useId, useSyncExternalStore } from 'react';
import type { BrowserPhone } from '../audio/browser_phone.js';
import { useWords } from '../i18n/index.js';
import { Action } from './parts.js';

/** Local mute, level and choice of the microphone, for agents whose phone is the browser. */
export function PhoneBar({ phone }: { phone: BrowserPhone }) {
  const words = useWords();
  const id = useId();
  const view = useSyncExternalStore(phone.subscribe, phone.getView);
  return (
    <section className="phone-bar" aria-label={words('phone.title')}>
      <div className="phone-level">
        <Action
          isIconOnly
          icon={view.isMuted ? MicOff : Mic}
          label={words(view.isMuted ? 'phone.unmute' : 'phone.mute')}
          isOn={view.isMuted}
          onPress={() => phone.setMuted(!view.isMuted)}
        />
        <meter
          aria-label={words('phone.level')}
          min={0}
          max={1}
          value={view.isMuted ? 0 : view.level}
        />
      </div>
      {view.isMuted && <p className="pending">{words('phone.muted')}</p>}
      {view.problem && (
        <p className="notice is-warning" role="alert">
          <TriangleAlert aria-hidden size={18} /> {words(`phone.${view.problem}`)}
        </p>
      )}
      <div className="field">
        <label htmlFor={id}>{words('phone.microphone')}</label>
        <select
          id={id}
          className="select"
          value={view.microphone}
          onChange={(event) => phone.choose(event.target.value)}
        >
          {view.microphones.map((it) => (
            <option key={it.id} value={it.id}>
              {it.label}
            </option>
          ))}
        </select>
      </div>
    </section>
  );
}
