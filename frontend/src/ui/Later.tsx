/** A part of the page that is loaded when it is first needed; where that fails, only this part is missing. */

import { Component, type ReactNode, Suspense } from "react";
import { Button } from "./parts";

export class Later extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override render() {
    if (!this.state.failed) return <Suspense fallback={<p className="p-3 text-muted">Opening …</p>}>{this.props.children}</Suspense>;
    return (
      <p role="alert" className="p-3 text-muted">
        This part of the page could not be shown. <Button onClick={() => location.reload()}>Load the page again</Button>
      </p>
    );
  }
}
