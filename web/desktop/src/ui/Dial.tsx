import { allChannels, type Model } from '@cordboard/client';
import { Phone } from 'lucide-react';
import { isRunning } from '../desk/actions.js';
import { useWords } from '../i18n/index.js';
import { DestinationField, useDestination } from './Destination.js';
import { Action, Card } from './parts.js';
import { useDeskView, useSurroundings } from './surroundings.js';

export const dialFieldId = 'dial-number';

export function Dial({ model }: { model: Model }) {
  const words = useWords();
  const { desk } = useSurroundings();
  useDeskView();
  const to = useDestination();
  const channel = allChannels(model).find((it) => it.type === 'Telephony');
  if (!channel || !model.session.capabilities.includes('dial')) return null;
  const destination = to.number;
  const isOff = channel.state !== 'ACTIVE';
  const isBusy = channel.interactions.length > 0;
  const dial = async () => {
    if (!destination) return;
    if (await desk.ask('channel.dial', channel.target, { destination })) to.clear();
  };
  return (
    <Card title={words('dial.title')} id="dial">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void dial();
        }}
      >
        <DestinationField
          id={dialFieldId}
          label={words('dial.number')}
          destination={to}
          {...((isOff || isBusy) && { hint: words(isOff ? 'dial.off' : 'dial.busy') })}
        />
        <div className="buttons">
          <Action
            type="submit"
            tone="primary"
            icon={Phone}
            label={words('dial.call')}
            isDisabled={!destination || isOff || isBusy}
            isPending={isRunning(desk, 'channel.dial', channel.target)}
          />
        </div>
      </form>
    </Card>
  );
}
