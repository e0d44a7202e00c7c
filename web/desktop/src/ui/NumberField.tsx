import { FieldError, Input, Label, Text, TextField } from 'react-aria-components';
import { numberOf } from '../desk/abilities.js';
import { useWords } from '../i18n/index.js';

/** Where a number or an extension is written. */
export function NumberField(props: {
  readonly label: string;
  readonly value: string;
  readonly hint?: string;
  readonly id?: string;
  readonly autoFocus?: boolean;
  readonly onChange: (value: string) => void;
}) {
  const words = useWords();
  const { label, value, hint, id, autoFocus = false, onChange } = props;
  const isWrong = value.trim() !== '' && numberOf(value) === undefined;
  return (
    <TextField
      className="field"
      value={value}
      onChange={onChange}
      isInvalid={isWrong}
      type="tel"
      autoComplete="off"
      autoFocus={autoFocus}
      {...(id && { id })}
    >
      <Label>{label}</Label>
      <Input spellCheck={false} />
      {hint && !isWrong && (
        <Text slot="description" className="small muted">
          {hint}
        </Text>
      )}
      <FieldError>{words('handOver.invalid')}</FieldError>
    </TextField>
  );
}
