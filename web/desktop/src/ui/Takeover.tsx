import { Dialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { useWords } from '../i18n/index.js';
import { Action } from './parts.js';
import { useDeskView, useSurroundings } from './surroundings.js';

export function Takeover() {
  const words = useWords();
  const { desk } = useSurroundings();
  const { isAskedToTakeOver } = useDeskView();
  return (
    <ModalOverlay
      className="overlay"
      isOpen={isAskedToTakeOver}
      onOpenChange={(isOpen) => !isOpen && desk.answerTakeover(false)}
    >
      <Modal className="modal">
        <Dialog role="alertdialog" className="dialog">
          <Heading slot="title">{words('takeover.title')}</Heading>
          <p>{words('takeover.text')}</p>
          <div className="buttons">
            <Action
              label={words('takeover.no')}
              onPress={() => desk.answerTakeover(false)}
              autoFocus
            />
            <Action
              tone="primary"
              label={words('takeover.yes')}
              onPress={() => desk.answerTakeover(true)}
            />
          </div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
