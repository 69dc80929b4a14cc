import { type ReactNode, useEffect, useRef } from 'react';
import { Icon } from '../design/Icon.tsx';
import { useWords } from './AppServices.ts';

/** A page with its head; the title takes the focus, so that readers begin there. */
export function Page({
  title,
  back,
  beside,
  className = '',
  children,
}: {
  readonly title: string;
  readonly back?: string;
  readonly beside?: ReactNode;
  readonly className?: string;
  readonly children: ReactNode;
}) {
  const { words } = useWords();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · ${words.appName}`;
  }, [title, words]);
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  return (
    <main className={`page ${className}`}>
      <header className="page-head">
        {back !== undefined && (
          <a className="button plain round back" href={back} aria-label={words.back}>
            <Icon name="back" />
          </a>
        )}
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        {beside !== undefined && <div className="beside">{beside}</div>}
      </header>
      {children}
    </main>
  );
}
