import { useCallback, useEffect, useState } from 'react';
import { useServices, useWords } from '../app/AppServices.ts';
import { Notice, RefusalNotice } from '../design/Notice.tsx';
import { formatEvseId } from '../words/format.ts';
import { type PayoutChoice, parsePayoutChoice } from './OperatorAccount.ts';

/** Where the operator is paid, on the chain and in money; the bank account can be told here. */
export function BankAccountCard() {
  const { api } = useServices();
  const { words } = useWords();
  const [choice, setChoice] = useState<PayoutChoice>();
  const [name, setName] = useState('');
  const [iban, setIban] = useState('');
  const [refusal, setRefusal] = useState<{ readonly refusal: string; readonly detail: string }>();
  const [isSaved, setIsSaved] = useState(false);

  const load = useCallback(async () => {
    const answer = await api.asDriver('GET', '/operator/account');
    if (answer.ok) setChoice(parsePayoutChoice(answer.value));
  }, [api]);
  useEffect(() => void load(), [load]);

  const save = async () => {
    const answer = await api.asDriver('PUT', '/operator/bank-account', { name, iban });
    setRefusal(answer.ok ? undefined : { refusal: answer.refusal, detail: answer.detail });
    setIsSaved(answer.ok);
    if (!answer.ok) return;
    setIban('');
    await load();
  };

  if (choice === undefined) return null;
  const { ibanEnd, pointsToRenew } = choice;
  return (
    <section className="card" aria-labelledby="bank-account">
      <h2 id="bank-account">{words.operator.bankAccount}</h2>
      <p data-testid="bank-account">
        {ibanEnd === undefined ? words.operator.bankAccountNone : words.operator.bankAccountEnd(ibanEnd)}
      </p>
      <p className="soft small">
        {choice.accountKept ? words.operator.paidToKept : words.operator.paidToOwn}
      </p>
      {pointsToRenew.length > 0 && (
        <p className="soft small">
          {words.operator.pointsToRenew(pointsToRenew.map(formatEvseId).join(', '))}
        </p>
      )}
      <form
        className="fields"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <label className="field wide">
          <span>{words.operator.bankAccountHolder}</span>
          <input
            name="bank-account-holder"
            autoComplete="name"
            maxLength={70}
            required
            value={name}
            onChange={({ target }) => setName(target.value)}
          />
        </label>
        <label className="field wide">
          <span>IBAN</span>
          <input
            name="bank-account-iban"
            autoComplete="off"
            maxLength={50}
            required
            value={iban}
            onChange={({ target }) => setIban(target.value)}
          />
        </label>
        <button type="submit" className="button wide">
          {words.operator.bankAccountSave}
        </button>
      </form>
      <div aria-live="polite">
        {refusal !== undefined && <RefusalNotice refusal={refusal} />}
        {isSaved && <Notice kind="good">{words.operator.bankAccountSaved}</Notice>}
      </div>
    </section>
  );
}
