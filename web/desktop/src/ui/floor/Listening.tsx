import type { Model } from '@cordboard/client';
import { Ear, PhoneIncoming, X } from 'lucide-react';
import { isRunning } from '../../desk/actions.js';
import { listeningOf, phoneOf, supervisionOf } from '../../floor/supervision.js';
import { useWords } from '../../i18n/index.js';
import { Action } from '../parts.js';
import { useDeskView, useSurroundings } from '../surroundings.js';
import { intercept, listen, modeIcons, modes, stopListening } from './AgentMenu.js';
import { useFloor } from './parts.js';

/** Whom the supervisor listens to and who hears that: never out of sight. */
export function ListeningBar({ model }: { model: Model }) {
  const words = useWords();
  const { running } = useDeskView();
  const listening = listeningOf(model);
  const target = phoneOf(model)?.target ?? '';
  const isCalling = modes.some((mode) =>
    [...running].some((it) => it.startsWith(`channel.request.${mode} ${target} `)),
  );
  return (
    <div role="status">
      {isCalling && !listening && <p className="pending">{words('offer.answering')}</p>}
      {listening && <Listening model={model} agentId={listening.agent} mode={listening.mode} />}
    </div>
  );
}

function Listening(props: {
  readonly model: Model;
  readonly agentId: string;
  readonly mode: (typeof modes)[number];
}) {
  const { model, agentId, mode } = props;
  const words = useWords();
  const { desk } = useSurroundings();
  const agent = useFloor((it) => it.agents.get(agentId));
  const target = phoneOf(model)?.target ?? '';
  const runs = (command: string) => isRunning(desk, command, `${target} ${agentId}`);
  return (
    <section className={`listening is-${mode}`} aria-labelledby="listening">
      <Ear aria-hidden size={22} />
      <div className="listening-words">
        <h2 id="listening">{words('floor.listening', { agent: agent?.name ?? agentId })}</h2>
        <p className="small">{words(`floor.${mode}.text`)}</p>
      </div>
      <div className="buttons">
        {modes.map((it) => (
          <Action
            key={it}
            icon={modeIcons[it]}
            label={words(`floor.${it}`)}
            isOn={it === mode}
            isPending={runs(`channel.request.${it}`)}
            onPress={() => listen(desk, it, agentId)}
          />
        ))}
        <Action
          icon={PhoneIncoming}
          label={words('floor.intercept')}
          isDisabled={!agent || !supervisionOf(model, agent).canIntercept}
          isPending={runs('channel.request.intercept')}
          onPress={() => intercept(desk, agentId)}
        />
        <Action
          tone="danger"
          icon={X}
          label={words('floor.stop')}
          isPending={runs('channel.request.endmonitor')}
          onPress={() => stopListening(desk, agentId)}
        />
      </div>
    </section>
  );
}
