import { focusOf, type Interaction } from '@cordboard/client';
import { ArrowRight, MessageCircleQuestion, Undo2, UserPlus, Users } from 'lucide-react';
import { type CallActions, isRunning } from '../desk/actions.js';
import { personOf } from '../desk/people.js';
import { useWords } from '../i18n/index.js';
import { DestinationField, useDestination } from './Destination.js';
import { Action } from './parts.js';
import { useSurroundings } from './surroundings.js';

interface HandOverProps {
  readonly interaction: Interaction;
  readonly actions: CallActions;
}

/** Whom to ask or to give the call to; and what to do while somebody is being asked. */
export function HandOver(props: HandOverProps) {
  const words = useWords();
  const isAsking = props.interaction.conversations.length > 1;
  return (
    <section className="hand-over" aria-labelledby="hand-over">
      <h3 id="hand-over">{words('handOver.title')}</h3>
      {isAsking ? <WhileAsking {...props} /> : <WhomToAsk {...props} />}
    </section>
  );
}

function WhomToAsk({ interaction, actions }: HandOverProps) {
  const words = useWords();
  const { desk } = useSurroundings();
  const to = useDestination();
  const destination = to.number ?? '';
  const { can } = actions;
  const talk = focusOf(interaction)?.target ?? '';
  const isEmpty = destination === '';
  const consult = () => void desk.ask('interaction.consult', interaction.target, { destination });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (!isEmpty && can.consult) consult();
      }}
    >
      <DestinationField
        autoFocus
        label={words('handOver.number')}
        hint={words('handOver.hint')}
        destination={to}
      />
      <div className="buttons">
        <Action
          tone="primary"
          type="submit"
          icon={MessageCircleQuestion}
          label={words('handOver.consult')}
          isDisabled={isEmpty || !can.consult}
          isPending={isRunning(desk, 'interaction.consult', interaction.target)}
        />
        <Action
          icon={ArrowRight}
          label={words('handOver.transfer')}
          isDisabled={isEmpty || !can.blindTransfer}
          isPending={isRunning(desk, 'conversation.blindtransfer', talk)}
          onPress={() => void desk.ask('conversation.blindtransfer', talk, { destination })}
        />
        <Action
          icon={UserPlus}
          label={words('handOver.conference')}
          isDisabled={isEmpty || !can.blindConference}
          isPending={isRunning(desk, 'conversation.blindconference', talk)}
          onPress={() => void desk.ask('conversation.blindconference', talk, { destination })}
        />
      </div>
    </form>
  );
}

function WhileAsking({ interaction, actions }: HandOverProps) {
  const words = useWords();
  const { desk } = useSurroundings();
  const { can } = actions;
  const { target, conversations } = interaction;
  const asked = conversations.find((it) => it.type === 'consult')?.members[0];
  const label = asked
    ? words('handOver.complete', { who: personOf(asked).title })
    : words('handOver.completePlain');
  return (
    <div className="buttons">
      <Action
        tone="primary"
        icon={ArrowRight}
        label={label}
        shortcut="handOver"
        isDisabled={!can.consultTransfer}
        isPending={isRunning(desk, 'interaction.consulttransfer', target)}
        onPress={() => void desk.ask('interaction.consulttransfer', target)}
      />
      <Action
        icon={Users}
        label={words('handOver.join')}
        isDisabled={!can.consultConference}
        isPending={isRunning(desk, 'interaction.consultconference', target)}
        onPress={() => void desk.ask('interaction.consultconference', target)}
      />
      <Action
        icon={Undo2}
        label={words('handOver.back')}
        isDisabled={!can.reconnect}
        isPending={isRunning(desk, 'interaction.reconnect', target)}
        onPress={() => void desk.ask('interaction.reconnect', target)}
      />
    </div>
  );
}
