import type { Disposition, Interaction } from '@cordboard/client';
import { Check } from 'lucide-react';
import { Label, TextArea, TextField } from 'react-aria-components';
import { isRunning } from '../desk/actions.js';
import { useWords } from '../i18n/index.js';
import { WhoIsThere } from './Call.js';
import { Action, Elapsed, Picker } from './parts.js';
import { useDeskView, useSurroundings } from './surroundings.js';

/** What is written about an interaction until it is completed; in memory only. */
export interface Draft {
  readonly notes: string;
  readonly disposition: string | undefined;
}

export const emptyDraft: Draft = { notes: '', disposition: undefined };

interface WrapUpProps {
  readonly interaction: Interaction;
  readonly draft: Draft;
  readonly onDraft: (draft: Draft) => void;
  readonly onComplete: () => void;
}

/** A call that has ended; or a chat or an e-mail, which is completed while it is in progress. */
export function WrapUp(props: WrapUpProps) {
  const { interaction, draft, onDraft, onComplete } = props;
  const words = useWords();
  const { desk } = useSurroundings();
  const { model } = useDeskView();
  const isEnded = interaction.state === 'ENDED';
  const isCall = interaction.type === 'Telephony';
  const dispositions = model?.session.dispositions ?? [];
  return (
    <article className="work" aria-label={words('work.title')}>
      <WhoIsThere interaction={interaction} />
      <div className={`talk ${isEnded ? 'is-wrapup' : 'is-connected'}`}>
        <Check aria-hidden size={20} />
        <div className="talk-words">
          <p className="talk-state">
            {words(isEnded ? 'wrapUp.title' : 'task.started')}{' '}
            <Elapsed target={interaction.target} />
          </p>
          <p className="muted small">
            {words(isEnded ? (isCall ? 'wrapUp.text' : 'wrapUp.taskText') : 'task.text')}
          </p>
        </div>
      </div>
      <form
        className="wrap-up"
        onSubmit={(event) => {
          event.preventDefault();
          onComplete();
        }}
      >
        {dispositions.length > 0 && <DispositionField {...{ dispositions, draft, onDraft }} />}
        <Notes draft={draft} onDraft={onDraft} />
        <div className="buttons">
          <Action
            type="submit"
            tone="primary"
            icon={Check}
            label={words('wrapUp.complete')}
            shortcut="complete"
            isPending={isRunning(desk, 'interaction.complete', interaction.target)}
          />
        </div>
      </form>
    </article>
  );
}

export function Notes({ draft, onDraft }: Pick<WrapUpProps, 'draft' | 'onDraft'>) {
  const words = useWords();
  return (
    <TextField
      className="field"
      value={draft.notes}
      maxLength={4000}
      onChange={(notes) => onDraft({ ...draft, notes })}
    >
      <Label>{words('wrapUp.notes')}</Label>
      <TextArea rows={4} />
    </TextField>
  );
}

function DispositionField(props: {
  readonly dispositions: readonly Disposition[];
  readonly draft: Draft;
  readonly onDraft: (draft: Draft) => void;
}) {
  const { dispositions, draft, onDraft } = props;
  const words = useWords();
  return (
    <Picker
      label={words('wrapUp.disposition')}
      value={draft.disposition}
      placeholder={words('wrapUp.choose')}
      of={dispositions.map(({ id, name }) => [id, name])}
      onChange={(disposition) => onDraft({ ...draft, disposition })}
    />
  );
}
