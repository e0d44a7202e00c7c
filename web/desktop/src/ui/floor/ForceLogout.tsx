import type { FloorAgent, Model } from '@cordboard/client';
import { Dialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { useWords } from '../../i18n/index.js';
import { Action } from '../parts.js';
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
    <ModalOverlay
      className="overlay"
      isOpen={agent !== undefined}
      onOpenChange={(isOpen) => !isOpen && onClose()}
    >
      <Modal className="modal">
        <Dialog className="dialog" role="alertdialog">
          <Heading slot="title">
            {words('floor.logOut.title', { agent: agent?.name ?? '' })}
          </Heading>
          <p>{words('floor.logOut.text')}</p>
          <div className="buttons">
            <Action label={words('floor.logOut.no')} onPress={onClose} autoFocus />
            <Action tone="danger" label={words('floor.logOut.yes')} onPress={logOut} />
          </div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
