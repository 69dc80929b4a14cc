import type { ReactNode } from 'react';
import { useWords } from '../app/AppServices.ts';
import type { Language } from '../words/Language.ts';
import { refusalInWords } from '../words/refusalWords.ts';
import { Icon, type IconName } from './Icon.tsx';

const iconOf = { good: 'check', warn: 'warning', bad: 'warning', plain: 'info' } as const;

/** A message in the flow of the page; bad and warning ones are read out at once. */
export function Notice({
  kind = 'plain',
  title,
  icon,
  children,
}: {
  readonly kind?: keyof typeof iconOf;
  readonly title?: ReactNode;
  readonly icon?: IconName;
  readonly children?: ReactNode;
}) {
  return (
    <div className={`notice ${kind}`} role={kind === 'bad' || kind === 'warn' ? 'alert' : 'status'}>
      <Icon name={icon ?? iconOf[kind]} size={22} />
      <div>
        {title !== undefined && <strong>{title}</strong>}
        {children}
      </div>
    </div>
  );
}

/**
 * A refusal: what it means in words, and its name, by which it is found in the documentation; with `withDetail` also what
 * the provider said of this very case, such as the bound that was passed.
 */
export function RefusalNotice({
  refusal,
  title,
  withDetail = false,
  detailLanguage = 'en',
}: {
  readonly refusal: { readonly refusal: string; readonly detail: string };
  readonly title?: string;
  readonly withDetail?: boolean;
  /** What the details are in; providers write English. */
  readonly detailLanguage?: Language;
}) {
  const { words, language } = useWords();
  const said = refusalInWords(refusal.refusal, refusal.detail, language);
  return (
    <Notice kind="bad" title={title ?? words.refusal.title}>
      <span>{said}</span>
      {withDetail && refusal.detail !== '' && refusal.detail !== said && (
        <span className="small" lang={detailLanguage === language ? undefined : detailLanguage}>
          {refusal.detail}
        </span>
      )}
      <span className="name" translate="no">
        {words.refusal.name(refusal.refusal)}
      </span>
    </Notice>
  );
}

/** Something is on its way. */
export function Waiting({ children }: { readonly children: ReactNode }) {
  return (
    <div className="waiting" role="status">
      <span className="spinner" aria-hidden="true" />
      <span>{children}</span>
    </div>
  );
}

/** An empty page that says what will be here. */
export function Empty({
  icon,
  title,
  children,
}: {
  readonly icon: IconName;
  readonly title: string;
  readonly children?: ReactNode;
}) {
  return (
    <div className="empty">
      <div className="emblem">
        <Icon name={icon} size={34} />
      </div>
      <h2>{title}</h2>
      {children}
    </div>
  );
}
