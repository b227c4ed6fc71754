import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { lazy, StrictMode, Suspense } from "react";
import { createRoot } from "react-dom/client";
import { useSessionId } from "./router";
import { Start } from "./start/Start";
import { LooksProvider } from "./ui/kinds";
import { Notices } from "./ui/parts";
import "./ui/theme.css";
import { useDark } from "./ui/useDark";

const Editor = lazy(() => import("./editor/Editor"));
const queries = new QueryClient({ defaultOptions: { queries: { retry: 2, refetchOnWindowFocus: false } } });

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
      <Page />
    </QueryClientProvider>
  </StrictMode>,
);
