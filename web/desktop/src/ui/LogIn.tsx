import { Info, LogIn as LogInIcon, TriangleAlert, UserRound } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { FieldError, Form, Input, Label, TextField } from 'react-aria-components';
import type { Ending } from '../desk/desk.js';
import type { DemoLogIn } from '../desk/site.js';
import { type Key, useWords } from '../i18n/index.js';
import { Mark } from './Mark.js';
import { Action } from './parts.js';
import { LookChoices } from './Settings.js';
import { useDeskView, useSurroundings } from './surroundings.js';
import { Takeover } from './Takeover.js';

/** Ends that somebody wanted, here; the others are shown as something to notice. */
const quiet: readonly Ending[] = ['logout', 'declined', 'closed'];

export function LogIn() {
  const words = useWords();
  const { desk, ring } = useSurroundings();
  const view = useDeskView();
  const [agent, setAgent] = useState('');
  const [password, setPassword] = useState('');
  const isRunning = view.status !== 'out';

  const logIn = (whom: string, secret: string) => {
    if (isRunning) return;
    ring.unlock();
    void desk.logIn(whom, secret);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    logIn(agent, password);
    setPassword('');
  };

  return (
    <main className="log-in">
      <div className="log-in-card">
        <Mark />
        <h1>{words('logIn.title')}</h1>
        <Notice />
        <DemoLogIns onLogIn={(it) => logIn(it.agent, it.password)} />
        <Form onSubmit={submit}>
          <TextField
            value={agent}
            onChange={setAgent}
            isRequired
            autoComplete="username"
            autoFocus
            className="field"
          >
            <Label>{words('logIn.agent')}</Label>
            <Input autoCapitalize="none" spellCheck={false} />
            <FieldError>{words('logIn.required')}</FieldError>
          </TextField>
          <TextField
            value={password}
            onChange={setPassword}
            isRequired
            type="password"
            autoComplete="current-password"
            className="field"
          >
            <Label>{words('logIn.password')}</Label>
            <Input />
            <FieldError>{words('logIn.required')}</FieldError>
          </TextField>
          <Action
            type="submit"
            tone="primary"
            icon={LogInIcon}
            label={words(isRunning ? 'logIn.running' : 'logIn.submit')}
            isPending={isRunning}
          />
        </Form>
      </div>
      <footer className="log-in-foot">
        <LookChoices />
      </footer>
      <Takeover />
    </main>
  );
}

/** A demo's agents, to be one of with a click. */
function DemoLogIns({ onLogIn }: { onLogIn: (it: DemoLogIn) => void }) {
  const words = useWords();
  const { site } = useSurroundings();
  if (site.demo.length === 0) return null;
  return (
    <fieldset className="demo-log-ins">
      <legend>{words('logIn.demo')}</legend>
      {site.demo.map((it) => (
        <Action key={it.agent} icon={UserRound} label={it.name} onPress={() => onLogIn(it)} />
      ))}
    </fieldset>
  );
}

/** Why the agent is here, or why the log-in failed. */
function Notice() {
  const words = useWords();
  const { desk } = useSurroundings();
  const { ending, canReturn, logInProblem, status } = useDeskView();
  const isAlarming = ending === undefined || !quiet.includes(ending);
  const key: Key | undefined = logInProblem?.key ?? (ending && `ending.${ending}`);
  const Icon = isAlarming ? TriangleAlert : Info;
  return (
    <div role="status">
      {key && status === 'out' && (
        <div className={`notice ${isAlarming ? 'is-warning' : 'is-info'}`}>
          <Icon aria-hidden size={18} />
          <div>
            <p>{words(key)}</p>
            {canReturn && (
              <Action label={words('ending.takeBack')} onPress={() => void desk.takeBack()} />
            )}
          </div>
        </div>
      )}
    </div>
  );
}
