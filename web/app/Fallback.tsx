import { Component, type ReactNode } from 'react';

/** Where the app itself is wrong: a page that says so and leads back, instead of a white one. */
export class Fallback extends Component<
  { readonly children: ReactNode },
  { readonly fault: Error | undefined }
> {
  override state: { readonly fault: Error | undefined } = { fault: undefined };
  static getDerivedStateFromError(fault: Error) {
    return { fault };
  }
  override render() {
    const { fault } = this.state;
    if (fault === undefined) return this.props.children;
    return (
      <main className="page">
        <h1>Das hätte nicht passieren dürfen · This should not have happened</h1>
        <p className="soft">{String(fault.message)}</p>
        <button
          type="button"
          className="button primary"
          onClick={() => {
            location.hash = '#/';
            location.reload();
          }}
        >
          Neu beginnen · Start again
        </button>
      </main>
    );
  }
}
