/** Sign-in with Clerk; loaded only where the server asks for it. */

import { ClerkProvider, Show, SignIn, useAuth, UserButton } from "@clerk/react";
import { type ReactNode, useState } from "react";
import { signWith } from "../api/identity";

export default function SignedIn({ publishableKey, children }: { publishableKey: string; children: ReactNode }) {
  return (
    <ClerkProvider publishableKey={publishableKey}>
      <Show when="signed-in" fallback={<main className="flex h-full items-center justify-center"><SignIn routing="hash" /></main>}>
        <Tokens>{children}</Tokens>
        <div className="fixed bottom-3 left-3 z-20"><UserButton /></div>
      </Show>
    </ClerkProvider>
  );
}

/** Every request below carries a fresh session token. */
function Tokens({ children }: { children: ReactNode }) {
  const { getToken } = useAuth();
  useState(() => signWith(() => getToken()));
  return children;
}
