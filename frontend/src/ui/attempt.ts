/** Doing what can fail, and saying so when it does. */

import { Problem } from "../api/client";
import { useUi } from "../editor/store";

/** Why something failed, in a sentence. */
export function reasonOf(error: unknown): string {
  if (error instanceof Problem) return error.status === 0 ? "The server cannot be reached." : error.detail;
  return error instanceof Error ? error.message : String(error);
}

/** Say what could not be done, such as "The file could not be saved", and why. */
export function tellFailure(failed: string, error: unknown): void {
  useUi.getState().tell(`${failed}: ${reasonOf(error)}`);
}

/** Do something; when it fails, say so. Never rejects; resolves to whether it was done. */
export async function attempt(failed: string, act: () => Promise<unknown>): Promise<boolean> {
  try {
    await act();
    return true;
  } catch (error) {
    tellFailure(failed, error);
    return false;
  }
}
