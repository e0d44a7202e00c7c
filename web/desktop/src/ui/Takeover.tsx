import { useWords } from '../i18n/index.js';
import { Action, DialogBox } from './parts.js';
import { useDeskView, useSurroundings } from './surroundings.js';

export function Takeover() {
  const words = useWords();
  const { desk } = useSurroundings();
  const { isAskedToTakeOver } = useDeskView();
  return (
    <DialogBox
      isQuestion
      title={words('takeover.title')}
      isOpen={isAskedToTakeOver}
      onClose={() => desk.answerTakeover(false)}
    >
      <p>{words('takeover.text')}</p>
      <div className="buttons">
        <Action label={words('takeover.no')} onPress={() => desk.answerTakeover(false)} autoFocus />
        <Action
          tone="primary"
          label={words('takeover.yes')}
          onPress={() => desk.answerTakeover(true)}
        />
      </div>
    </DialogBox>
  );
}
