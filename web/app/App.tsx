import { lazy, Suspense, useEffect, useSyncExternalStore } from 'react';
import { ChargesPage } from '../bill/ChargesPage.tsx';
import { ChargePage } from '../charge/ChargePage.tsx';
import { isOpen } from '../charge/ChargeRecord.ts';
import { Follower } from '../charge/Follower.tsx';
import { ReceiptPage } from '../charge/ReceiptPage.tsx';
import { UnlockPage } from '../charge/UnlockPage.tsx';
import { Icon, type IconName } from '../design/Icon.tsx';
import { Waiting } from '../design/Notice.tsx';
import { MapPage } from '../points/MapPage.tsx';
import { PointPage } from '../points/PointPage.tsx';
import { MePage } from '../settings/MePage.tsx';
import { useObservable } from '../store/Observable.ts';
import { useServices, useWords } from './AppServices.ts';
import { Fallback } from './Fallback.tsx';
import { hrefOf, parseRoute, type Route } from './Route.ts';

const OperatorPage = lazy(() => import('../operator/OperatorPage.tsx'));
const PricesPage = lazy(() => import('../operator/PricesPage.tsx'));
const ProviderPage = lazy(() => import('../provider/ProviderPage.tsx'));

const refreshEveryMs = 5 * 60_000;

export function App() {
  const services = useServices();
  const { words, language } = useWords();
  const hash = useSyncExternalStore(
    (changed) => {
      addEventListener('hashchange', changed);
      return () => removeEventListener('hashchange', changed);
    },
    () => location.hash,
  );
  const route = parseRoute(hash);
  const isOnline = useObservable(services.isOnline);

  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each new page begins at its top
  useEffect(() => {
    scrollTo(0, 0);
  }, [hash]);
  useEffect(() => {
    const refresh = () => void services.refresh();
    const offline = () => services.isOnline.set(false);
    const seen = () => document.visibilityState === 'visible' && refresh();
    refresh();
    const timer = setInterval(refresh, refreshEveryMs);
    addEventListener('online', refresh);
    addEventListener('offline', offline);
    document.addEventListener('visibilitychange', seen);
    return () => {
      clearInterval(timer);
      removeEventListener('online', refresh);
      removeEventListener('offline', offline);
      document.removeEventListener('visibilitychange', seen);
    };
  }, [services]);

  return (
    <div className="frame">
      <Follower />
      {!isOnline && (
        <div className="offline" role="status">
          <Icon name="offline" size={18} />
          {words.offline}
        </div>
      )}
      <Tabs route={route} />
      <Fallback place={hash} title={words.fault.title} again={words.fault.again}>
        <Suspense
          fallback={
            <main className="page">
              <Waiting>{words.loading}</Waiting>
            </main>
          }
        >
          <Shown route={route} />
        </Suspense>
      </Fallback>
    </div>
  );
}

function Shown({ route }: { readonly route: Route }) {
  switch (route.page) {
    case 'map':
      return <MapPage />;
    case 'point':
      return <PointPage key={route.evseId} evseId={route.evseId} />;
    case 'unlock':
      return <UnlockPage key={hrefOf(route)} {...route} />;
    case 'charge':
      return <ChargePage {...route} />;
    case 'receipt':
      return <ReceiptPage key={route.authorizationId} id={route.authorizationId} />;
    case 'charges':
      return <ChargesPage />;
    case 'me':
      return <MePage />;
    case 'operator':
      return <OperatorPage />;
    case 'prices':
      return <PricesPage key={route.evseId} evseId={route.evseId} />;
    case 'provider':
      return <ProviderPage />;
  }
}

function Tabs({ route }: { readonly route: Route }) {
  const { words } = useWords();
  const isCharging = useObservable(useServices().charges).some(isOpen);
  const tabs: readonly {
    readonly to: Route;
    readonly icon: IconName;
    readonly name: string;
    readonly pages: readonly Route['page'][];
  }[] = [
    { to: { page: 'map' }, icon: 'map', name: words.nav.map, pages: ['map', 'point'] },
    { to: { page: 'charge' }, icon: 'bolt', name: words.nav.charge, pages: ['charge', 'unlock'] },
    { to: { page: 'charges' }, icon: 'receipt', name: words.nav.charges, pages: ['charges', 'receipt'] },
    {
      to: { page: 'me' },
      icon: 'person',
      name: words.nav.me,
      pages: ['me', 'operator', 'prices', 'provider'],
    },
  ];
  return (
    <nav className="tabs" aria-label={words.appName}>
      <div className="brand">
        <img src="./icon.svg" alt={words.appName} />
      </div>
      {tabs.map(({ to, icon, name, pages }) => (
        <a
          key={to.page}
          href={hrefOf(to)}
          className={to.page === 'charge' && isCharging ? 'running' : ''}
          aria-current={pages.includes(route.page) ? 'page' : undefined}
        >
          <Icon name={icon} />
          {name}
        </a>
      ))}
    </nav>
  );
}
