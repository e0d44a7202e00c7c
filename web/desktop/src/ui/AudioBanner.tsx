import { allChannels, type Channel, type Model } from '@cordboard/client';
import { EarOff, VolumeX } from 'lucide-react';
import { useSyncExternalStore } from 'react';
import type { BrowserPhone } from '../audio/browser_phone.js';
import type { Silence } from '../audio/hearing.js';
import { useWords } from '../i18n/index.js';
import { hearingText, useHearing } from './PhoneBar.js';
import { Action } from './parts.js';
import { useSurroundings } from './surroundings.js';

/** Nobody wants these during a call; muting is somebody's choice, and shown beside the call. */
const unwanted: readonly Silence[] = ['noAudio', 'noMicrophone'];

/** Says it as long as it is so: during a call one side does not hear the other. */
export function AudioBanner({ model }: { model: Model }) {
  const { phone } = useSurroundings();
  const channel = allChannels(model).find((it) => it.media !== undefined);
  return <div role="alert">{phone && channel && <Unheard phone={phone} channel={channel} />}</div>;
}

function Unheard({ phone, channel }: { phone: BrowserPhone; channel: Channel }) {
  const words = useWords();
  const view = useSyncExternalStore(phone.subscribe, phone.getView);
  const hearing = useHearing(phone, channel);
  const isSilent =
    hearing?.what === 'silence' && hearing.because.some((it) => unwanted.includes(it));
  if (isSilent) {
    return (
      <div className="banner">
        <EarOff aria-hidden size={20} />
        <p>
          {hearingText(hearing, words)}{' '}
          {view.audio !== 'connected' && words(`phone.audio.${view.audio}`)}
        </p>
        {view.audio !== 'connecting' && (
          <Action
            label={words(view.audio === 'off' ? 'phone.connect' : 'connection.retry')}
            onPress={() => phone.hurry()}
          />
        )}
      </div>
    );
  }
  if (!view.isBlocked || !hearing) return null;
  return (
    <div className="banner">
      <VolumeX aria-hidden size={20} />
      <p>{words('phone.blocked')}</p>
      <Action label={words('phone.unblock')} onPress={() => phone.unblock()} />
    </div>
  );
}
