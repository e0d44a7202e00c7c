import { type Channel, focusOf } from '@cordboard/client';
import {
  Ear,
  EarOff,
  Headphones,
  LoaderCircle,
  type LucideIcon,
  Mic,
  MicOff,
  Music,
  Plug,
  RotateCcw,
  TriangleAlert,
  Unplug,
  Volume2,
  VolumeX,
  X,
} from 'lucide-react';
import { useEffect, useId, useRef, useSyncExternalStore } from 'react';
import type {
  BrowserPhone,
  BrowserPhoneView,
  Device,
  PhoneProblemCode,
} from '../audio/browser_phone.js';
import { type Hearing, hearingOf } from '../audio/hearing.js';
import { useLanguage, useWords, type Words } from '../i18n/index.js';
import { Action } from './parts.js';
import { useDeskView, useSurroundings } from './surroundings.js';

/** What the other end of this channel's call hears; undefined: there is nobody to hear. */
export function useHearing(phone: BrowserPhone, channel: Channel): Hearing | undefined {
  const { status } = useDeskView();
  const view = useSyncExternalStore(phone.subscribe, phone.getView);
  const talk = channel.interactions.map(focusOf).find((it) => it !== undefined);
  return hearingOf(talk, view, status === 'open' ? channel.media : undefined);
}

export function hearingText(hearing: Hearing, words: Words): string {
  if (hearing.what !== 'silence') return words(`phone.hears.${hearing.what}`);
  const because = hearing.because.map((it) => words(`phone.because.${it}`)).join(', ');
  return words('phone.hears.silence', { because });
}

/** The microphone, what is heard, and what is wrong, for agents whose phone is the browser. */
export function PhoneBar({ phone, channel }: { phone: BrowserPhone; channel: Channel }) {
  const words = useWords();
  const view = useSyncExternalStore(phone.subscribe, phone.getView);
  const hasDevices = view.microphones.length > 0;
  return (
    <section className="phone-bar" aria-label={words('phone.title')}>
      <PhoneState phone={phone} channel={channel} />
      <Trouble phone={phone} view={view} />
      {view.audio === 'off' && (
        <Action icon={Plug} label={words('phone.connect')} onPress={() => void phone.connect()} />
      )}
      {view.audio !== 'off' && (
        <div className="phone-level">
          <Action
            isIconOnly
            icon={view.isMuted ? MicOff : Mic}
            label={words(view.isMuted ? 'phone.unmute' : 'phone.mute')}
            isOn={view.isMuted}
            onPress={() => phone.setMuted(!view.isMuted)}
          />
          <Level of={() => phone.levels.microphone} label={words('phone.level')} />
        </div>
      )}
      {view.isBlocked && (
        <Action
          tone="primary"
          icon={Volume2}
          label={words('phone.unblock')}
          onPress={() => phone.unblock()}
        />
      )}
      {hasDevices && <Devices phone={phone} view={view} />}
    </section>
  );
}

const audioIcons: Readonly<Record<BrowserPhoneView['audio'], LucideIcon>> = {
  off: Unplug,
  connecting: LoaderCircle,
  connected: Headphones,
  reconnecting: LoaderCircle,
};

/** In words, and said when it changes: whether there is audio, and in a call what of it arrives. */
function PhoneState({ phone, channel }: { phone: BrowserPhone; channel: Channel }) {
  const words = useWords();
  const view = useSyncExternalStore(phone.subscribe, phone.getView);
  const hearing = useHearing(phone, channel);
  const Icon = hearing ? hearingIcons[hearing.what] : audioIcons[view.audio];
  const isBad = hearing?.what === 'silence' || view.audio === 'reconnecting';
  const rest = view.isMuted && view.audio !== 'off' ? words('phone.muted') : '';
  return (
    <p className={`phone-state${isBad ? ' is-bad' : ''}`} role="status">
      <Icon aria-hidden size={18} />
      <span>
        {hearing ? hearingText(hearing, words) : `${words(`phone.audio.${view.audio}`)} ${rest}`}
      </span>
    </p>
  );
}

const hearingIcons: Readonly<Record<Hearing['what'], LucideIcon>> = {
  voice: Ear,
  silence: EarOff,
  held: Music,
};

/** The audio goes on without them; what else goes wrong is over when it is connected. */
const dismissable: readonly PhoneProblemCode[] = ['microphone-gone', 'speaker-failed'];

function Trouble({ phone, view }: { phone: BrowserPhone; view: BrowserPhoneView }) {
  const words = useWords();
  const language = useLanguage();
  const { problem } = view;
  return (
    <div role="alert">
      {problem && (
        <div className="notice is-warning small">
          <TriangleAlert aria-hidden size={18} />
          <div>
            <p>{troubleText(problem.code, view, words)}</p>
            {problem.detail && (
              <p {...(language !== 'en' && { lang: 'en' })}>
                {words('problems.server', { words: problem.detail })}
              </p>
            )}
            {canHurry(view) && (
              <Action
                icon={RotateCcw}
                label={words('connection.retry')}
                onPress={() => phone.hurry()}
              />
            )}
            {dismissable.includes(problem.code) && (
              <Action icon={X} label={words('problems.dismiss')} onPress={() => phone.dismiss()} />
            )}
          </div>
        </div>
      )}
    </div>
  );
}

/** Without audio there is a button of its own. */
function canHurry({ audio, microphone }: BrowserPhoneView): boolean {
  return audio === 'reconnecting' || (audio === 'connected' && microphone === undefined);
}

function troubleText(code: PhoneProblemCode, view: BrowserPhoneView, words: Words): string {
  const instead = view.microphones.find((it) => it.id === view.microphone);
  if (code === 'microphone-gone' && instead) {
    return words('phone.instead', { microphone: instead.label });
  }
  return words(`phone.problem.${code}`);
}

/** Drawn some times a second, past React: nothing else of the page changes with it. */
function Level({ of, label }: { of: () => number; label: string }) {
  const meter = useRef<HTMLMeterElement>(null);
  const latest = useRef(of);
  useEffect(() => {
    latest.current = of;
  });
  useEffect(() => {
    const timer = setInterval(() => {
      if (meter.current) meter.current.value = latest.current();
    }, 80);
    return () => clearInterval(timer);
  }, []);
  return <meter ref={meter} aria-label={label} min={0} max={1} value={0} />;
}

function Devices({ phone, view }: { phone: BrowserPhone; view: BrowserPhoneView }) {
  const words = useWords();
  const { prefer, ring } = useSurroundings();
  const isRingElsewhere = useSyncExternalStore(ring.subscribe, ring.isElsewhere);
  return (
    <details className="phone-devices">
      <summary>{words('phone.devices')}</summary>
      <Choice
        label={words('phone.microphone')}
        devices={view.microphones}
        chosen={view.microphone}
        onChoose={(microphone) => {
          prefer({ microphone });
          void phone.chooseMicrophone(microphone);
        }}
      />
      {view.speakers.length > 0 && (
        <>
          <Choice
            label={words('phone.speaker')}
            devices={view.speakers}
            chosen={view.speaker || 'default'}
            onChoose={(speaker) => {
              prefer({ speaker });
              void phone.chooseSpeaker(speaker);
            }}
          />
          {isRingElsewhere && <p className="small">{words('phone.ringElsewhere')}</p>}
          <div className="phone-level">
            {view.isBlocked ? <VolumeX aria-hidden size={18} /> : <Volume2 aria-hidden size={18} />}
            <Level of={() => phone.levels.speaker} label={words('phone.speakerLevel')} />
          </div>
        </>
      )}
    </details>
  );
}

function Choice(props: {
  readonly label: string;
  readonly devices: readonly Device[];
  readonly chosen: string | undefined;
  readonly onChoose: (id: string) => void;
}) {
  const id = useId();
  const { label, devices, chosen, onChoose } = props;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select
        id={id}
        className="select"
        value={chosen ?? ''}
        onChange={(event) => onChoose(event.target.value)}
      >
        {!devices.some((it) => it.id === chosen) && <option value={chosen ?? ''}>–</option>}
        {devices.map((it) => (
          <option key={it.id} value={it.id}>
            {it.label}
          </option>
        ))}
      </select>
    </div>
  );
}
