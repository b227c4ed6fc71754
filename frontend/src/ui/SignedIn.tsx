/** Sign-in with Clerk; loaded only where the server asks for it. */

import { ClerkProvider, getToken, Show, SignIn, UserButton } from "@clerk/react";
import type { ReactNode } from "react";
import { signWith } from "../api/identity";

signWith(() => getToken());

export default function SignedIn({ publishableKey, children }: { publishableKey: string; children: ReactNode }) {
  return (
    <ClerkProvider publishableKey={publishableKey}>
      <Show when="signed-in" fallback={<main className="flex h-full items-center justify-center"><SignIn routing="hash" /></main>}>
        {children}
        <div className="fixed bottom-3 left-3 z-20"><UserButton /></div>
      </Show>
    </ClerkProvider>
  );
}
