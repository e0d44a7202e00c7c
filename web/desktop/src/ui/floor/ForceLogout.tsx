import type { FloorAgent, Model } from '@cordboard/client';
import { useWords } from '../../i18n/index.js';
import { Action, DialogBox } from '../parts.js';
import { useSurroundings } from '../surroundings.js';

/** Asked before somebody else's session is ended. */
export function ForceLogout(props: {
  readonly agent: FloorAgent | undefined;
  readonly model: Model;
  readonly onClose: () => void;
}) {
  const { agent, model, onClose } = props;
  const words = useWords();
  const { desk } = useSurroundings();
  const logOut = () => {
    onClose();
    if (!agent) return;
    void desk.ask('session.request.forcelogout', model.session.target, {
      agent: { id: agent.id },
    });
  };
  return (
    <DialogBox
      isQuestion
      title={words('floor.logOut.title', { agent: agent?.name ?? '' })}
      isOpen={agent !== undefined}
      onClose={onClose}
    >
      <p>{words('floor.logOut.text')}</p>
      <div className="buttons">
        <Action label={words('floor.logOut.no')} onPress={onClose} autoFocus />
        <Action tone="danger" label={words('floor.logOut.yes')} onPress={logOut} />
      </div>
    </DialogBox>
  );
}
