// The supervisor's view: queues and agents as they are now. Loaded only by those who may see it.
import type { Model } from '@cordboard/client';
import { CircleAlert } from 'lucide-react';
import { useEffect, useMemo, useState } from 'react';
import type { Problem } from '../../desk/problems.js';
import { secondsClock } from '../../floor/clock.js';
import { calmed, FloorStore } from '../../floor/store.js';
import { useWords } from '../../i18n/index.js';
import '../../styles/floor.css';
import { Action } from '../parts.js';
import { useSurroundings } from '../surroundings.js';
import { Agents } from './Agents.js';
import { Day } from './Day.js';
import { ListeningBar } from './Listening.js';
import { FloorContext, useFloor } from './parts.js';
import { Queues } from './Queues.js';

export default function FloorView({ model }: { model: Model }) {
  const { desk } = useSurroundings();
  const [refusal, setRefusal] = useState<Problem>();
  const parts = useMemo(() => {
    const store = new FloorStore((draw) => void requestAnimationFrame(draw));
    const clock = secondsClock(() => Date.now());
    return { store, clock, calm: calmed(store, clock) };
  }, []);
  const { store } = parts;
  // A floor that was refused is asked for once more when the agent has said so.
  useEffect(() => {
    if (refusal) return undefined;
    return desk.watchFloor((floor) => store.put(floor), setRefusal);
  }, [desk, store, refusal]);
  return (
    <FloorContext value={parts}>
      {refusal ? (
        <Refused problem={refusal} onRetry={() => setRefusal(undefined)} />
      ) : (
        <Parts model={model} />
      )}
    </FloorContext>
  );
}

function Parts({ model }: { model: Model }) {
  const words = useWords();
  const isThere = useFloor(() => true);
  return (
    <>
      <ListeningBar model={model} />
      {isThere ? (
        <>
          <Queues />
          <Agents model={model} />
          <Day />
        </>
      ) : (
        <p role="status" className="nothing muted">
          {words('floor.loading')}
        </p>
      )}
    </>
  );
}

function Refused({ problem, onRetry }: { problem: Problem; onRetry: () => void }) {
  const words = useWords();
  return (
    <div className="notice is-warning" role="alert">
      <CircleAlert aria-hidden size={20} />
      <div>
        <p>
          {words('floor.refused')} {words(problem.key)}
        </p>
        {problem.detail && (
          <p className="small">{words('problems.server', { words: problem.detail })}</p>
        )}
        <Action label={words('floor.retry')} onPress={onRetry} />
      </div>
    </div>
  );
}
