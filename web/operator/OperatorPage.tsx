import { Page } from '../app/Page.tsx';
export default function OperatorPage() {
  return <Page title="…">{null}</Page>;
}
