import { Component, type ReactNode } from 'react';

interface FallbackProps {
  /** Where one is: at another place the fault is over. */
  readonly place?: string;
  /** What to say; in both languages where nothing is known of the driver's. */
  readonly title?: string;
  readonly again?: string;
  readonly children: ReactNode;
}

/** Where the app itself is wrong: a page that says so and leads on, instead of a white one. */
export class Fallback extends Component<FallbackProps, { readonly fault: Error | undefined }> {
  override state: { readonly fault: Error | undefined } = { fault: undefined };
  static getDerivedStateFromError(fault: unknown) {
    return { fault: fault instanceof Error ? fault : new Error(String(fault)) };
  }
  override componentDidUpdate(before: FallbackProps) {
    if (this.state.fault !== undefined && before.place !== this.props.place)
      this.setState({ fault: undefined });
  }
  override render() {
    const { fault } = this.state;
    const { title, again, children } = this.props;
    if (fault === undefined) return children;
    return (
      <main className="page" role="alert" data-testid="fault">
        <h1>{title ?? 'Das hätte nicht passieren dürfen · This should not have happened'}</h1>
        <p className="soft">{fault.message}</p>
        <button
          type="button"
          className="button primary"
          onClick={() => {
            location.hash = '#/';
            location.reload();
          }}
        >
          {again ?? 'Neu beginnen · Start again'}
        </button>
      </main>
    );
  }
}
