import { useWords } from '../app/AppServices.ts';
import { Page } from '../app/Page.tsx';
import { hrefOf } from '../app/Route.ts';

export default function ProviderPage() {
  const { words } = useWords();
  return (
    <Page title={words.appName} back={hrefOf({ page: 'me' })}>
      {null}
    </Page>
  );
}
