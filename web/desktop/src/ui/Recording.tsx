import type { Interaction } from '@cordboard/client';
import { Circle, CircleDot, CirclePause, Pause, Play, Square } from 'lucide-react';
import { type CallActions, isRunning } from '../desk/actions.js';
import { useWords } from '../i18n/index.js';
import { Action } from './parts.js';
import { useSurroundings } from './surroundings.js';

const icons = { NONE: Circle, RECORDING: CircleDot, PAUSED: CirclePause } as const;
const steps = {
  NONE: { icon: Circle, label: 'record.start' },
  RECORDING: { icon: Pause, label: 'record.pause' },
  PAUSED: { icon: Play, label: 'record.resume' },
} as const;

/** Whether it is recorded: in words, by a sign and by a colour. */
export function Recording(props: {
  readonly interaction: Interaction;
  readonly actions: CallActions;
}) {
  const { interaction, actions } = props;
  const words = useWords();
  const { desk } = useSurroundings();
  const { recording, target } = interaction;
  const { record } = actions.can;
  const Icon = icons[recording];
  const step = steps[recording];
  const runs = (...commands: string[]) =>
    commands.some((it) => isRunning(desk, `interaction.request.recording.${it}`, target));
  if (recording === 'NONE' && !record.start) return null;
  return (
    <section
      className={`recording is-${recording.toLowerCase()}`}
      aria-label={words('record.title')}
    >
      <p className="recording-state" role="status">
        <Icon aria-hidden size={18} className="recording-sign" />
        {words(`record.${recording}`)}
      </p>
      <div className="recording-buttons">
        <Action
          icon={step.icon}
          label={words(step.label)}
          shortcut="record"
          isDisabled={!record.start && !record.pause && !record.resume}
          isPending={runs('start', 'pause', 'resume')}
          onPress={() => actions.stepRecording()}
        />
        {recording !== 'NONE' && (
          <Action
            icon={Square}
            label={words('record.stop')}
            isDisabled={!record.stop}
            isPending={runs('stop')}
            onPress={() => actions.stopRecording()}
          />
        )}
      </div>
    </section>
  );
}
