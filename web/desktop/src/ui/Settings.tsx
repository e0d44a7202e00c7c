import type { MediaType, Model } from '@cordboard/client';
import { Volume2 } from 'lucide-react';
import { Label, Radio, RadioGroup, Switch } from 'react-aria-components';
import { addTaskChannel, removeTaskChannel, taskChannelOf } from '../desk/states.js';
import { type Language, languages, useWords } from '../i18n/index.js';
import { Action, DialogBox } from './parts.js';
import { useDeskView, useSurroundings } from './surroundings.js';

const themes = ['auto', 'light', 'dark'] as const;

/** Appearance and language: also for who is not logged in. */
export function LookChoices() {
  const words = useWords();
  const { preferences, prefer } = useSurroundings();
  return (
    <>
      <Choices
        label={words('settings.theme')}
        value={preferences.theme}
        of={themes.map((it) => [it, words(`settings.theme.${it}`)])}
        onChange={(theme) => prefer({ theme })}
      />
      <Choices
        label={words('settings.language')}
        value={preferences.language}
        of={languages.map((it) => [it, words(`settings.language.${it}`), it])}
        onChange={(language) => prefer({ language })}
      />
    </>
  );
}

function Choices<Value extends string>(props: {
  readonly label: string;
  readonly value: Value;
  readonly of: readonly (readonly [value: Value, label: string, language?: Language])[];
  readonly onChange: (value: Value) => void;
}) {
  return (
    <RadioGroup
      className="choices"
      orientation="horizontal"
      value={props.value}
      onChange={(value) => props.onChange(value as Value)}
    >
      <Label>{props.label}</Label>
      <div className="choices-row">
        {props.of.map(([value, label, language]) => (
          <Radio key={value} value={value} className="choice">
            <span {...(language && { lang: language })}>{label}</span>
          </Radio>
        ))}
      </div>
    </RadioGroup>
  );
}

export function Settings({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const words = useWords();
  const { preferences, prefer, ring } = useSurroundings();
  const { model } = useDeskView();
  return (
    <DialogBox title={words('settings.title')} isOpen={isOpen} onClose={onClose}>
      <LookChoices />
      <div className="switch-row">
        <Toggle
          label={words('settings.sound')}
          isOn={preferences.hasSound}
          onChange={(hasSound) => prefer({ hasSound })}
        />
        <Action
          tone="quiet"
          icon={Volume2}
          label={words('settings.trySound')}
          onPress={() => ring.playOnce()}
        />
      </div>
      <Toggle
        label={words('settings.shortcuts')}
        isOn={preferences.hasShortcuts}
        onChange={(hasShortcuts) => prefer({ hasShortcuts })}
      />
      {model && <MediaChoices model={model} />}
      <div className="buttons">
        <Action tone="primary" label={words('settings.close')} onPress={onClose} />
      </div>
    </DialogBox>
  );
}

function Toggle(props: {
  readonly label: string;
  readonly isOn: boolean;
  readonly isDisabled?: boolean;
  readonly onChange: (isOn: boolean) => void;
}) {
  const { label, isOn, isDisabled = false, onChange } = props;
  return (
    <Switch className="switch" isSelected={isOn} isDisabled={isDisabled} onChange={onChange}>
      <span className="switch-track" aria-hidden>
        <span className="switch-knob" />
      </span>
      {label}
    </Switch>
  );
}

/** Chats and e-mails come on channels of their own, which the agent adds. */
function MediaChoices({ model }: { model: Model }) {
  const words = useWords();
  return (
    <fieldset className="media">
      <legend>{words('settings.media')}</legend>
      <MediaChoice model={model} type="Chat" label={words('settings.chat')} />
      <MediaChoice model={model} type="Email" label={words('settings.email')} />
    </fieldset>
  );
}

function MediaChoice(props: {
  readonly model: Model;
  readonly type: Exclude<MediaType, 'Telephony'>;
  readonly label: string;
}) {
  const { desk } = useSurroundings();
  const channel = taskChannelOf(props.model, props.type);
  return (
    <Toggle
      label={props.label}
      isOn={channel !== undefined}
      isDisabled={(channel?.interactions.length ?? 0) > 0}
      onChange={(isOn) => {
        if (isOn) void addTaskChannel(desk, props.type);
        else if (channel) void removeTaskChannel(desk, channel);
      }}
    />
  );
}
