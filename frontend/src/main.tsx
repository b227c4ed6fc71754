import { QueryClientProvider, useQuery } from "@tanstack/react-query";
import { lazy, StrictMode, Suspense } from "react";
import { createRoot } from "react-dom/client";
import { viewing } from "./api/identity";
import { readConfig } from "./api/sessions";
import { useSessionId } from "./router";
import { Start } from "./start/Start";
import { reasonOf } from "./ui/attempt";
import { LooksProvider } from "./ui/kinds";
import { Button, Notices } from "./ui/parts";
import { newQueries } from "./ui/queries";
import "./ui/theme.css";
import { useDark } from "./ui/useDark";

const SignedIn = lazy(() => import("./ui/SignedIn"));
const Editor = lazy(() => import("./editor/Editor"));
const queries = newQueries();

/** The page, behind a sign-in where the server has one; a share link needs none. */
function Door() {
  const { data, error, refetch } = useQuery({ queryKey: ["config"], queryFn: readConfig, staleTime: Infinity });
  if (viewing || data?.sign_in === null) return <Page />;
  if (error) return <p role="alert" className="p-8">{reasonOf(error)} <Button onClick={() => void refetch()}>Try again</Button></p>;
  if (!data?.sign_in) return <p className="p-8 text-muted">Opening …</p>;
  return <Suspense><SignedIn publishableKey={data.sign_in.publishable_key}><Page /></SignedIn></Suspense>;
}

function Page() {
  const id = useSessionId();
  const dark = useDark();
  return (
    <LooksProvider dark={dark}>
      <Suspense fallback={<p className="p-8 text-muted">Opening …</p>}>
        {id === null ? <Start /> : <Editor key={id} id={id} />}
      </Suspense>
      <Notices />
    </LooksProvider>
  );
}

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <Door />
    </QueryClientProvider>
  </StrictMode>,
);
